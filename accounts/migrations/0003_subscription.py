import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_account"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("valid_from", models.DateField(verbose_name="from")),
                ("rate", models.DecimalField(decimal_places=9, max_digits=18, verbose_name="rate")),
            ],
            options={
                "verbose_name": "exchange rate",
                "verbose_name_plural": "exchange rates",
                "ordering": ["currency", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(fields=("currency", "valid_from"), name="rate_once_a_day"),
                    models.CheckConstraint(condition=models.Q(("rate__gt", 0)), name="rate_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("external_id", models.CharField(max_length=200, unique=True, verbose_name="external id")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("trialing", "Trialing"),
                            ("active", "Active"),
                            ("past_due", "Past due"),
                            ("canceled", "Canceled"),
                        ],
                        default="active",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "unit_amount",
                    models.DecimalField(
                        decimal_places=8, default=0, max_digits=20, verbose_name="price per seat and interval"
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="seats")),
                ("per_seat", models.BooleanField(default=True, verbose_name="price is per seat")),
                (
                    "interval",
                    models.CharField(
                        choices=[
                            ("day", "Day"),
                            ("week", "Week"),
                            ("month", "Month"),
                            ("quarter", "Quarter"),
                            ("year", "Year"),
                        ],
                        default="month",
                        max_length=8,
                        verbose_name="billed every",
                    ),
                ),
                ("interval_count", models.PositiveSmallIntegerField(default=1, verbose_name="intervals")),
                (
                    "discount_percent",
                    models.DecimalField(
                        decimal_places=4, default=0, max_digits=7, verbose_name="lasting discount, %"
                    ),
                ),
                (
                    "discount_amount",
                    models.DecimalField(
                        decimal_places=8, default=0, max_digits=20, verbose_name="lasting discount, amount"
                    ),
                ),
                ("started_on", models.DateField(verbose_name="started on")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="first day without it")),
                ("trial_ends_on", models.DateField(blank=True, null=True, verbose_name="trial ends on")),
                ("past_due_since", models.DateField(blank=True, null=True, verbose_name="past due since")),
                (
                    "cancel_scheduled_on",
                    models.DateField(blank=True, null=True, verbose_name="cancellation scheduled on"),
                ),
                ("term_end", models.DateField(blank=True, null=True, verbose_name="term ends on")),
                ("notice_days", models.PositiveSmallIntegerField(default=0, verbose_name="notice, days")),
                ("auto_renew", models.BooleanField(default=True, verbose_name="renews by itself")),
                (
                    "churn_reason",
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
                        verbose_name="reason for leaving",
                    ),
                ),
                ("churn_comment", models.TextField(blank=True, verbose_name="in their words")),
                (
                    "mrr",
                    models.DecimalField(
                        decimal_places=8, default=0, editable=False, max_digits=20, verbose_name="MRR"
                    ),
                ),
                ("attention_on", models.DateField(blank=True, editable=False, null=True)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscriptions",
                        to="accounts.account",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to="accounts.plan",
                        verbose_name="plan",
                    ),
                ),
            ],
            options={
                "verbose_name": "subscription",
                "verbose_name_plural": "subscriptions",
                "ordering": ["started_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="SubscriptionChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_on", models.DateField()),
                ("mrr", models.DecimalField(decimal_places=8, max_digits=20)),
                ("amount", models.DecimalField(decimal_places=8, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                ("quantity", models.PositiveIntegerField(default=1)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.plan",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="accounts.subscription",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("reactivation", "Reactivation"),
                            ("expansion", "Expansion"),
                            ("contraction", "Contraction"),
                            ("churn", "Churn"),
                            ("fx", "Exchange rate"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("occurred_on", models.DateField(verbose_name="day")),
                ("amount", models.DecimalField(decimal_places=8, max_digits=20, verbose_name="amount")),
                ("mrr_after", models.DecimalField(decimal_places=8, max_digits=20, verbose_name="MRR after")),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="movements",
                        to="accounts.account",
                    ),
                ),
                (
                    "change",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="movement",
                        to="accounts.subscriptionchange",
                    ),
                ),
            ],
            options={
                "verbose_name": "movement",
                "verbose_name_plural": "movements",
            },
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("attention_on__isnull", False)),
                fields=["attention_on"],
                name="subscription_attention",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_on__isnull", True), ("ended_on__gte", models.F("started_on")), _connector="OR"
                ),
                name="subscription_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit_amount__gte", 0), ("interval_count__gte", 1)),
                name="subscription_price_sane",
            ),
        ),
        migrations.AddIndex(
            model_name="subscriptionchange",
            index=models.Index(fields=["account", "effective_on", "id"], name="change_by_account"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["account", "occurred_on", "id"], name="movement_by_account"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["occurred_on", "kind"], name="movement_by_day"),
        ),
    ]
