import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


KNOWN = """
INSERT INTO accounts_scoreorder (account_id, score)
SELECT id, floor(score + 0.5) FROM accounts_account WHERE score IS NOT NULL
"""
# Room on each page for the account's next version: no index has to learn of it then.
ROOM = "ALTER TABLE accounts_account SET (fillfactor = 80)"
NO_ROOM = "ALTER TABLE accounts_account RESET (fillfactor)"


class Migration(migrations.Migration):
    """A night's new scores are written without touching the dozen indexes of the accounts' own table."""

    dependencies = [
        ('accounts', '0013_search_by_beginning'),
    ]

    operations = [
        migrations.CreateModel(
            name='ScoreOrder',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='by_score', serialize=False, to='accounts.account')),
                ('score', models.SmallIntegerField(null=True)),
            ],
        ),
        migrations.RemoveIndex(
            model_name='account',
            name='account_by_score',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='account',
            trigger=pgtrigger.compiler.Trigger(name='score_added', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."score" IS NOT NULL)', func='\nINSERT INTO accounts_scoreorder (account_id, score) VALUES (NEW.id, floor(NEW.score + 0.5))\nON CONFLICT (account_id) DO UPDATE SET score = excluded.score;\nRETURN NULL;\n', hash='b66336c481c9d9e9c3893980c5c0ee4fe86fdaee', operation='INSERT', pgid='pgtrigger_score_added_59b58', table='accounts_account', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='account',
            trigger=pgtrigger.compiler.Trigger(name='score_moved', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (current_setting('tenure.score_order', true) IS DISTINCT FROM 'kept'\n    AND floor(OLD.score + 0.5) IS DISTINCT FROM floor(NEW.score + 0.5))", func='\nINSERT INTO accounts_scoreorder (account_id, score) VALUES (NEW.id, floor(NEW.score + 0.5))\nON CONFLICT (account_id) DO UPDATE SET score = excluded.score;\nRETURN NULL;\n', hash='695cf99a434ee91c8adad002d14acc03e32edf19', operation='UPDATE OF "score"', pgid='pgtrigger_score_moved_9874a', table='accounts_account', when='AFTER')),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.RunSQL(ROOM, NO_ROOM),
        migrations.AddIndex(
            model_name='scoreorder',
            index=models.Index(fields=['score', 'account'], name='accounts_by_score'),
        ),
    ]
