from django.db import migrations

# Key: what it was called as it came, and what it is called now. A title stays as it was when the follow-up opened:
# what changes from day to day does not belong into it.
TITLES = {
    "red": ("Review {account}: red at {score}", "Review {account}: it has turned red"),
    "usage_down": ("{account} uses it {percent} % less: find out why", "{account} uses it much less: find out why"),
    "invoice_overdue": (
        "Invoice {invoice} of {account} is {days} days overdue",
        "Invoice {invoice} of {account} is overdue since {due_on}",
    ),
    "trial_ending": ("{account}: trial ends in {days} days", "{account}: trial ends on {ends_on}"),
}


def rename(apps, schema_editor):
    """What an admin has changed stays theirs."""
    for playbook in apps.get_model("accounts", "Playbook").objects.filter(key__in=TITLES):
        before, after = TITLES[playbook.key]
        if playbook.title == before:
            playbook.title = after
            playbook.save(update_fields=["title"])


class Migration(migrations.Migration):
    dependencies = [
        ("health", "0019_kept_and_fixed"),
        ("accounts", "0020_playbook_asks"),
    ]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
