from django.db import migrations

BEFORE = "{account} pays less: find out what {dropped} was for"
NOW = "{account} pays less: ask about {dropped}"


def say_anew(apps, schema_editor):
    """What an admin has changed stays theirs."""
    apps.get_model("accounts", "Playbook").objects.filter(key="contraction", title=BEFORE).update(title=NOW)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0033_fewer_indexes")]

    operations = [migrations.RunPython(say_anew, migrations.RunPython.noop)]
