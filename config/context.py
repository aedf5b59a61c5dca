"""What every template may ask for."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts import navigation

THEMES = ("light", "dark")


class May:
    """`{% if may.account.edit %}`: the roles table, asked as `area.verb`. About one row, ask `{% may %}`."""

    def __init__(self, user: Any, area: str = "") -> None:
        self.user, self.area = user, area

    def __getitem__(self, name: str) -> Any:
        if not self.area:
            return May(self.user, name)
        if not (self.user and self.user.is_authenticated):
            return False
        try:
            return self.user.may(f"{self.area}.{name}")
        except KeyError as e:  # Django's templates would swallow a KeyError
            raise LookupError(f"The roles table has no {self.area}.{name}") from e


def base_template(request: HttpRequest) -> str:
    """One URL is one thing: a page when opened, its content alone when htmx asks for it."""
    htmx = getattr(request, "htmx", None)
    wants_content = htmx and not htmx.boosted and not htmx.history_restore_request
    return "fragment.html" if wants_content else "base.html"


def theme(request: HttpRequest) -> str:
    """Chosen by the reader and kept in a cookie, so the first byte already knows; "" follows the system."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else ""


def page(request: HttpRequest) -> dict[str, Any]:
    return {
        "base_template": base_template(request),
        "theme": theme(request),
        "nav": navigation.Navigation(request),
        "settings_nav": partial(navigation.settings_groups, request),
        "may": May(getattr(request, "user", None)),
        "reader_zone": timezone.get_current_timezone_name(),
        "company": settings.COMPANY_NAME,
        "reporting_currency": settings.REPORTING_CURRENCY,
    }
