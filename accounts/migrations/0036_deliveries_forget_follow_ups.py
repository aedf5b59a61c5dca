import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nor is the follow-up looked up, which was just opened, counted on or closed."""

    dependencies = [
        ('accounts', '0035_deliveries_without_a_check'),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='follow_up',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliveries', to='accounts.followup'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followup',
            trigger=pgtrigger.compiler.Trigger(name='deliveries_forget', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                UPDATE accounts_delivery d SET follow_up_id = NULL FROM gone WHERE d.follow_up_id = gone.id;\n                RETURN NULL;\n                ', hash='1c3c385753011fd9507075c50492184117242998', level='STATEMENT', operation='DELETE', pgid='pgtrigger_deliveries_forget_84877', referencing='REFERENCING OLD TABLE AS gone ', table='accounts_followup', when='AFTER')),
        ),
    ]
