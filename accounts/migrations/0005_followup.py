import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_activity"),
    ]

    operations = [
        migrations.CreateModel(
            name="Playbook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=60, unique=True, verbose_name="key")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("on", "On"), ("off", "Off")],
                        default="draft",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("trigger", models.CharField(max_length=60, verbose_name="when")),
                ("conditions", models.JSONField(blank=True, default=list, verbose_name="conditions")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("instructions", models.TextField(blank=True, verbose_name="instructions")),
                ("steps", models.JSONField(blank=True, default=list, verbose_name="steps")),
                ("texts", models.JSONField(blank=True, default=list, verbose_name="texts to use")),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Urgent"), (2, "High"), (3, "Normal"), (4, "Low")],
                        default=3,
                        verbose_name="priority",
                    ),
                ),
                (
                    "due_hours",
                    models.PositiveIntegerField(
                        default=120,
                        validators=[django.core.validators.MaxValueValidator(8760)],
                        verbose_name="due after, hours",
                    ),
                ),
                (
                    "due_clock",
                    models.CharField(
                        choices=[("elapsed", "Elapsed hours"), ("business", "Business hours")],
                        default="elapsed",
                        max_length=8,
                        verbose_name="counted in",
                    ),
                ),
                ("promise", models.BooleanField(default=False, verbose_name="is a promise")),
                (
                    "assignee_rule",
                    models.CharField(
                        choices=[
                            ("csm", "The account's CSM"),
                            ("manager", "The manager"),
                            ("pool", "A pool: whoever has least to do"),
                        ],
                        default="csm",
                        max_length=8,
                        verbose_name="goes to",
                    ),
                ),
                (
                    "cool_down_days",
                    models.PositiveSmallIntegerField(default=0, verbose_name="cool-down, days"),
                ),
                ("subject_field", models.CharField(blank=True, max_length=60, verbose_name="subject")),
                (
                    "closes_on",
                    models.CharField(blank=True, max_length=60, verbose_name="closes by itself on"),
                ),
                ("closes_when", models.JSONField(blank=True, default=list)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "pool",
                    models.ManyToManyField(
                        blank=True, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="pool"
                    ),
                ),
            ],
            options={
                "verbose_name": "playbook",
                "verbose_name_plural": "playbooks",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("kind", models.CharField(max_length=60, verbose_name="kind")),
                ("title", models.CharField(max_length=240, verbose_name="title")),
                ("reason", models.CharField(max_length=400, verbose_name="why it is here")),
                ("instructions", models.TextField(blank=True, verbose_name="instructions")),
                ("steps", models.JSONField(blank=True, default=list)),
                ("texts", models.JSONField(blank=True, default=list)),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Urgent"), (2, "High"), (3, "Normal"), (4, "Low")],
                        default=3,
                        verbose_name="priority",
                    ),
                ),
                ("promise", models.BooleanField(default=False, verbose_name="is a promise")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("snoozed", "Snoozed"),
                            ("done", "Done"),
                            ("canceled", "Canceled"),
                        ],
                        default="open",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="opened")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("occurrences", models.PositiveIntegerField(default=1, verbose_name="occurrences")),
                ("last_occurrence_at", models.DateTimeField(blank=True, null=True)),
                ("snoozed_until", models.DateTimeField(blank=True, null=True, verbose_name="snoozed until")),
                ("snooze_reason", models.CharField(blank=True, max_length=400, verbose_name="why later")),
                ("escalated_at", models.DateTimeField(blank=True, null=True, verbose_name="escalated")),
                ("contacted_at", models.DateTimeField(blank=True, null=True, verbose_name="first contact")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("helped", "Helped"),
                            ("no_answer", "No answer"),
                            ("false_alarm", "False alarm"),
                            ("too_early", "Too early"),
                            ("already_known", "Already known"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                ("outcome_note", models.TextField(blank=True, verbose_name="note")),
                (
                    "expected_loss",
                    models.DecimalField(decimal_places=4, default=0, editable=False, max_digits=20),
                ),
                (
                    "holds",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(
                        blank=True, editable=False, null=True
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to="accounts.account",
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="follow_ups",
                        to="accounts.activity",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="follow_ups",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assignee",
                    ),
                ),
                (
                    "closed_by",
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
                "verbose_name": "follow-up",
                "verbose_name_plural": "follow-ups",
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subscriber", models.CharField(max_length=120)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("done", "Done"),
                            ("skipped", "Skipped"),
                            ("failed", "Failed, will be tried again"),
                            ("parked", "Parked"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="accounts.activity",
                    ),
                ),
                (
                    "follow_up",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="deliveries",
                        to="accounts.followup",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
            },
        ),
        migrations.CreateModel(
            name="Occurrence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("occurred_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.activity"
                    ),
                ),
                (
                    "follow_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="repeats",
                        to="accounts.followup",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("page", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.TextField(blank=True)),
                ("shared", models.BooleanField(default=False, verbose_name="shared with the team")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="followup",
            name="playbook",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="follow_ups",
                to="accounts.playbook",
                verbose_name="playbook",
            ),
        ),
        migrations.AddIndex(
            model_name="playbook",
            index=models.Index(
                condition=models.Q(("state", "on")), fields=["trigger"], name="playbook_trigger"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("status", "open")),
                fields=["assignee", "due_at", "id"],
                name="followup_mine",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["due_at", "id"], name="followup_team"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["-expected_loss", "id"], name="followup_stake"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["account", "-opened_at"], name="followup_by_account"),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("status", "snoozed")), fields=["snoozed_until"], name="followup_snoozed"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("status__in", ["open", "snoozed"]), ("escalated_at__isnull", True)),
                fields=["due_at"],
                name="followup_escalation",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["playbook", "-closed_at"], name="followup_by_playbook"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["open", "snoozed"]), ("playbook__isnull", False)),
                fields=("account", "playbook", "subject"),
                name="followup_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("holds__isnull", False)),
                expressions=[("account", "="), ("playbook", "="), ("subject", "="), ("holds", "&&")],
                name="followup_cool_down",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["open", "snoozed"]), ("closed_at__isnull", True)),
                    models.Q(
                        models.Q(("status__in", ["open", "snoozed"]), _negated=True),
                        ("closed_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="followup_closed_has_time",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("status__in", ["pending", "failed"])),
                fields=["next_attempt_at"],
                name="delivery_due",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("status", "parked")), fields=["-created_at"], name="delivery_parked"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["subscriber", "-created_at"], name="delivery_by_subscriber"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("activity", "subscriber"), name="delivery_once"),
        ),
        migrations.AddConstraint(
            model_name="occurrence",
            constraint=models.UniqueConstraint(fields=("follow_up", "activity"), name="occurrence_once"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                models.F("user"), models.F("page"), models.F("name"), name="view_name_once"
            ),
        ),
    ]
