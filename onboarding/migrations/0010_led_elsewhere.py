import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_outbox_and_personal_links"),
        ("onboarding", "0009_running_by_version"),
    ]

    operations = [
        migrations.AddField(
            "session", "held_for", models.CharField(blank=True, max_length=80, default=""), preserve_default=False
        ),
        migrations.AddField(
            "seat",
            "entry",
            models.CharField(blank=True, editable=False, max_length=160, default=""),
            preserve_default=False,
        ),
        migrations.AddField("seat", "changes", models.PositiveIntegerField(default=0, editable=False)),
        migrations.CreateModel(
            name="Routing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(editable=False, max_length=80)),
                ("target", models.CharField(max_length=1000, verbose_name="led to")),
                ("question", models.CharField(max_length=60)),
                ("answer", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="routings",
                        to="accounts.contact",
                    ),
                ),
                (
                    "session_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="routings",
                        to="onboarding.sessiontype",
                    ),
                ),
            ],
            options={"verbose_name": "led elsewhere", "verbose_name_plural": "led elsewhere"},
        ),
        migrations.AddConstraint(
            "routing", models.UniqueConstraint(fields=("session_type", "key"), name="routing_once")
        ),
    ]
