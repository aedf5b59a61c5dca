"""What the doctor looks at on the ground floor."""

from django.utils.translation import gettext_lazy as _

from accounts.domain import checkups as ours
from accounts.registry import Checkup, checkups

checkups.add(
    Checkup("mrr", _("MRR adds up"), ours.mrr, 10),
    Checkup("follow_ups", _("Follow-ups are with somebody"), ours.follow_ups, 20),
    Checkup("deliveries", _("What happened is dealt with"), ours.deliveries, 30),
    Checkup("mails", _("Mails go out"), ours.mails, 40),
    Checkup("webhooks", _("Webhooks arrive"), ours.webhooks, 50),
)
