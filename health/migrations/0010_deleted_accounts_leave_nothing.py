from django.db import migrations

FORGET = """
CREATE FUNCTION health_forget_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Waits for batches that have looked the account up already; those that come later do not find it.
    PERFORM pg_advisory_xact_lock(7406);
    DELETE FROM health_usageevent WHERE account_id = OLD.id;
    DELETE FROM health_usageday WHERE account_id = OLD.id;
    DELETE FROM health_score WHERE account_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER health_forget_account AFTER DELETE ON accounts_account
    FOR EACH ROW EXECUTE FUNCTION health_forget_account();
"""
KEEP = """
DROP TRIGGER health_forget_account ON accounts_account;
DROP FUNCTION health_forget_account();
"""


class Migration(migrations.Migration):
    """Usage and scores have no foreign-key check a row: a million a day would pay for it. Instead a batch holds one
    shared lock (domain/ingest.py), and who deletes an account takes what slipped in with it."""

    dependencies = [("health", "0009_open_invoices_by_account"), ("accounts", "0002_account")]

    operations = [migrations.RunSQL(FORGET, KEEP)]
