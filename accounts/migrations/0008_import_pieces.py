import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_import_run"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="importrun",
            options={"ordering": ["-created_at", "-id"], "verbose_name": "import", "verbose_name_plural": "imports"},
        ),
        migrations.RemoveField(
            model_name="importrun",
            name="content",
        ),
        migrations.RemoveField(
            model_name="importrun",
            name="done",
        ),
        migrations.RemoveField(
            model_name="importrun",
            name="refused",
        ),
        migrations.RemoveField(
            model_name="importrun",
            name="total",
        ),
        migrations.AddField(
            model_name="importrun",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="ImportPiece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(choices=[("file", "File"), ("refused", "Refused")], max_length=8)),
                ("position", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pieces", to="accounts.importrun"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "part", "position"), name="import_piece_once")],
            },
        ),
    ]
