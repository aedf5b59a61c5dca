from django.db import migrations

NOT_THE_FIRST = {"field": "first", "op": "is_not", "value": True}
BANDS = ("yellow", "thriving")


def add(apps, schema_editor):
    """To the default playbooks as they came; what an admin has changed stays theirs."""
    for playbook in apps.get_model("accounts", "Playbook").objects.filter(key__in=BANDS):
        if playbook.conditions == [{"field": "after", "op": "is", "value": playbook.key}]:
            playbook.conditions = [*playbook.conditions, NOT_THE_FIRST]
            playbook.save(update_fields=["conditions"])


class Migration(migrations.Migration):
    dependencies = [
        ("health", "0016_onboarding_readings"),
        ("accounts", "0020_playbook_asks"),
    ]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
