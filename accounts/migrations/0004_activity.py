import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_subscription"),
    ]

    operations = [
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                ("occurred_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("actor_label", models.CharField(blank=True, max_length=120)),
                ("data", models.JSONField(default=dict)),
                ("dispatched_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="activities",
                        to="accounts.account",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cause",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="effects",
                        to="accounts.activity",
                    ),
                ),
            ],
            options={
                "verbose_name": "activity",
                "verbose_name_plural": "activities",
            },
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["account", "-occurred_at", "-id"], name="activity_timeline"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("dispatched_at__isnull", True)),
                fields=["recorded_at"],
                name="activity_undispatched",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="facts_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."occurred_at" IS DISTINCT FROM (NEW."occurred_at") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."actor_label" IS DISTINCT FROM (NEW."actor_label") OR OLD."cause_id" IS DISTINCT FROM (NEW."cause_id") OR OLD."data" IS DISTINCT FROM (NEW."data"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="eff9e8f70d3c3a7b25cce5267121e9f92794c47a",
                    operation="UPDATE",
                    pgid="pgtrigger_facts_stay_08947",
                    table="accounts_activity",
                    when="BEFORE",
                ),
            ),
        ),
    ]
