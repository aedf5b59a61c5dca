import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_api_token"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("mapping", "Columns to map"),
                            ("preview", "Being checked"),
                            ("ready", "Ready to run"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("canceled", "Canceled"),
                            ("failed", "Failed"),
                        ],
                        default="mapping",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("filename", models.CharField(max_length=255, verbose_name="file")),
                ("content", models.BinaryField(null=True)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("options", models.JSONField(default=dict)),
                ("mapping", models.JSONField(default=dict)),
                ("result", models.JSONField(default=dict)),
                ("refused", models.BinaryField(null=True)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("cancel_requested", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="MappingPreset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("mapping", models.JSONField(default=dict)),
                ("columns", models.JSONField(default=list)),
            ],
            options={
                "verbose_name": "saved mapping",
                "verbose_name_plural": "saved mappings",
                "ordering": ["kind", "name"],
                "constraints": [models.UniqueConstraint(fields=("kind", "name"), name="mapping_name_once")],
            },
        ),
    ]
