from django.db import migrations

# Key: field, what it said as it came, and what it says now.
TEXTS = {
    "support_theme": (
        "title",
        "{count} of {tickets} tickets are about {theme}: plan a call on it",
        "Tickets about {theme}, {count} of {tickets}: plan a call on it",
    ),
    "renewal_disputed": (
        "instructions",
        "Their health says {model} %, the CSM {call} %, the customer {intent} %. One of the three is wrong: find out "
        "which, before {decision_date}.",
        "Their health says {model}%, the CSM {call}%, the customer {intent}%. One of the three is wrong: find out "
        "which, before {decision_date}.",
    ),
}


def say_anew(apps, schema_editor):
    """What an admin has changed stays theirs."""
    for playbook in apps.get_model("accounts", "Playbook").objects.filter(key__in=TEXTS):
        field, before, after = TEXTS[playbook.key]
        if getattr(playbook, field) == before:
            setattr(playbook, field, after)
            playbook.save(update_fields=[field])


class Migration(migrations.Migration):
    dependencies = [
        ("health", "0021_usage_by_time"),
        ("accounts", "0020_playbook_asks"),
    ]

    operations = [migrations.RunPython(say_anew, migrations.RunPython.noop)]
