from django.db import migrations

# Each subscription that has a term gets its renewal from the sweep, some thousand at a time, as it would from a change.
LOOK_AGAIN = """
update accounts_subscription s set attention_on = current_date
where term_end is not null and status <> 'trialing' and (ended_on is null or ended_on > current_date)
    and (attention_on is null or attention_on > current_date)
    and not exists (select from accounts_renewal r where r.subscription_id = s.id)
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_playbook_asks")]

    operations = [migrations.RunSQL(LOOK_AGAIN, migrations.RunSQL.noop)]
