import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """A night writes five deliveries for each changed band, for activities that it has locked: no need to look each up."""

    dependencies = [
        ("accounts", "0034_contraction_title"),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="activity",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="accounts.activity",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="deliveries_go",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="DELETE FROM accounts_delivery d USING gone WHERE d.activity_id = gone.id; RETURN NULL;",
                    hash="b6bc74b754809312dccbc9f5b0da201d98ba349d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_deliveries_go_28354",
                    referencing="REFERENCING OLD TABLE AS gone ",
                    table="accounts_activity",
                    when="AFTER",
                ),
            ),
        ),
    ]
