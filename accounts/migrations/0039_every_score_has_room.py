from django.db import migrations

ROOM = "ALTER TABLE accounts_account SET (fillfactor = 50)"
LESS_ROOM = "ALTER TABLE accounts_account SET (fillfactor = 80)"


class Migration(migrations.Migration):
    """A night gives nearly every account another score or trend. Where the next version of every row of a page fits
    beside it, none of the indexes is written: publishing takes a third of the time. The table stays no larger for
    it: without the room its first night doubles it."""

    dependencies = [("accounts", "0038_renewals_with_an_opinion")]

    operations = [migrations.RunSQL(ROOM, LESS_ROOM)]
