from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_spine"),
    ]

    operations = [
        migrations.RemoveField(model_name="idempotentreply", name="body"),
        migrations.AddField(
            model_name="idempotentreply", name="body", field=models.BinaryField(default=b"null"), preserve_default=False
        ),
        migrations.AlterField(model_name="idempotentreply", name="status", field=models.PositiveSmallIntegerField()),
    ]
