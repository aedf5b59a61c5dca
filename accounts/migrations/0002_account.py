import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import timezone_field.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_user"),
    ]

    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(unique=True, verbose_name="key")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "touch_model",
                    models.CharField(
                        choices=[("low", "Low touch"), ("mid", "Mid touch"), ("high", "High touch")],
                        default="mid",
                        max_length=8,
                        verbose_name="touch model",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "segment",
                "verbose_name_plural": "segments",
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=80, unique=True, verbose_name="key")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
            ],
            options={
                "verbose_name": "plan",
                "verbose_name_plural": "plans",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("external_id", models.CharField(max_length=200, unique=True, verbose_name="external id")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("domain", models.CharField(blank=True, max_length=253, verbose_name="domain")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("trial", "Trial"),
                            ("onboarding", "Onboarding"),
                            ("active", "Active"),
                            ("churned", "Churned"),
                        ],
                        default="active",
                        max_length=16,
                        verbose_name="stage",
                    ),
                ),
                ("currency", models.CharField(default="USD", max_length=3, verbose_name="currency")),
                ("time_zone", timezone_field.fields.TimeZoneField(default="UTC", verbose_name="time zone")),
                ("country", models.CharField(blank=True, max_length=80, verbose_name="country")),
                ("industry", models.CharField(blank=True, max_length=80, verbose_name="industry")),
                ("custom", models.JSONField(blank=True, default=dict, verbose_name="custom fields")),
                ("started_on", models.DateField(blank=True, null=True, verbose_name="customer since")),
                ("churned_on", models.DateField(blank=True, null=True, verbose_name="churned on")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                (
                    "mrr",
                    models.DecimalField(
                        decimal_places=8, default=0, editable=False, max_digits=20, verbose_name="MRR"
                    ),
                ),
                ("seats", models.PositiveIntegerField(default=0, editable=False, verbose_name="seats")),
                (
                    "trial_ends_on",
                    models.DateField(blank=True, editable=False, null=True, verbose_name="trial ends on"),
                ),
                (
                    "decision_date",
                    models.DateField(blank=True, editable=False, null=True, verbose_name="decision date"),
                ),
                (
                    "score",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        editable=False,
                        max_digits=7,
                        null=True,
                        verbose_name="score",
                    ),
                ),
                (
                    "band",
                    models.CharField(
                        choices=[
                            ("red", "Red"),
                            ("yellow", "Yellow"),
                            ("green", "Green"),
                            ("thriving", "Thriving"),
                            ("unknown", "Unknown"),
                        ],
                        default="unknown",
                        editable=False,
                        max_length=8,
                        verbose_name="band",
                    ),
                ),
                (
                    "capped_by",
                    models.CharField(blank=True, editable=False, max_length=40, verbose_name="capped by"),
                ),
                (
                    "known_weight",
                    models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="known weight"),
                ),
                (
                    "trend",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        editable=False,
                        max_digits=7,
                        null=True,
                        verbose_name="28-day trend",
                    ),
                ),
                (
                    "scored_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="scored"),
                ),
                (
                    "last_contact_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last contact"),
                ),
                (
                    "csm",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="accounts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="CSM",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.plan",
                        verbose_name="plan",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="accounts.segment",
                        verbose_name="segment",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("name", models.CharField(blank=True, max_length=160, verbose_name="name")),
                ("title", models.CharField(blank=True, max_length=160, verbose_name="job title")),
                ("phone", models.CharField(blank=True, max_length=60, verbose_name="phone")),
                ("decides", models.BooleanField(default=False, verbose_name="decides on renewal")),
                ("champion", models.BooleanField(default=False, verbose_name="champion")),
                ("language", models.CharField(blank=True, max_length=8, verbose_name="language")),
                (
                    "time_zone",
                    timezone_field.fields.TimeZoneField(blank=True, null=True, verbose_name="time zone"),
                ),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="left on")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "ordering": ["name", "email"],
            },
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["name", "id"], name="account_by_name"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["mrr", "id"], name="account_by_mrr"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["score", "id"], name="account_by_score"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["decision_date", "id"], name="account_by_decision"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["csm", "name", "id"], name="account_by_csm"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                ),
                name="account_name_trgm",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("domain"), name="gin_trgm_ops"
                ),
                name="account_domain_trgm",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("external_id"), name="gin_trgm_ops"
                ),
                name="account_external_trgm",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("trial_ends_on__isnull", False)),
                fields=["trial_ends_on"],
                name="account_trial_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("external_id", ""), _negated=True), name="account_external_id_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="account_name_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                models.F("account"),
                django.db.models.functions.text.Lower("email"),
                name="contact_once_per_account",
            ),
        ),
    ]
