"""Whether an installation was told where people open it: told at its start, by `manage.py check`, and by the doctor."""

from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.checks import Warning as Doubt, register
from django.utils.translation import gettext as _

log = structlog.get_logger(__name__)


def address() -> list[str]:
    """A company's installation that was never told its own address would send its customers to their own computers;
    one that was told no more than a host, nowhere."""
    if settings.PRODUCTION and urlsplit(settings.BASE_URL).hostname in {None, "localhost", "127.0.0.1", "::1"}:
        return [
            _("Links in mails lead to %(address)s: BASE_URL says how people open it.") % {"address": settings.BASE_URL}
        ]
    return []


@register
def at_checks(app_configs: Any, **kwargs: Any) -> list[Doubt]:
    return [Doubt(sentence, id="config.W001") for sentence in address()]


def at_start() -> None:
    """It starts all the same: who tries it out on one computer needs no more."""
    for sentence in address():
        log.warning(sentence)
