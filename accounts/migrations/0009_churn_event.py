import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_import_pieces"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChurnEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=200, verbose_name="external id")),
                ("occurred_on", models.DateField(verbose_name="day")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("competitor", "Competitor"),
                            ("free_plan", "Went back to a free plan"),
                            ("out_of_business", "Out of business"),
                            ("price", "Price"),
                            ("missing_feature", "Missing feature"),
                            ("support_quality", "Support quality"),
                            ("no_value", "No value"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("comment", models.TextField(blank=True, verbose_name="in their words")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="churn_events",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "churn event",
                "verbose_name_plural": "churn events",
                "ordering": ["-occurred_on", "-id"],
                "indexes": [models.Index(fields=["occurred_on", "reason"], name="churn_event_by_day")],
                "constraints": [models.UniqueConstraint(fields=("account", "external_id"), name="churn_event_once")],
            },
        ),
    ]
