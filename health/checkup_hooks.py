"""What the doctor looks at in health."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import Checkup, checkups
from health.domain import checkups as ours

checkups.add(
    Checkup("orphans", _("Every reading has its account"), ours.orphans, 110),
    Checkup("scores", _("Accounts show their latest score"), ours.scores, 120),
)
