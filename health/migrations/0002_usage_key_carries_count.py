from django.db import migrations

WITH_COUNT = """
ALTER TABLE health_usageday DROP CONSTRAINT health_usageday_pkey;
ALTER TABLE health_usageday ADD PRIMARY KEY (account_id, day, action_id) INCLUDE (count);
"""
WITHOUT = """
ALTER TABLE health_usageday DROP CONSTRAINT health_usageday_pkey;
ALTER TABLE health_usageday ADD PRIMARY KEY (account_id, day, action_id);
"""


class Migration(migrations.Migration):
    """Scoring reads a month of every account's totals: from the index alone it is half the work."""

    dependencies = [("health", "0001_usage")]

    operations = [migrations.RunSQL(WITH_COUNT, WITHOUT)]
