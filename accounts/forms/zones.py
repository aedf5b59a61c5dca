"""Choosing a time zone out of six hundred: the likely ones first, then by region, each found by typing its city."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts.domain.account_values import zones

REGIONS = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("America"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic Ocean"),
    "Australia": gettext_lazy("Australia"),
    "Europe": pgettext_lazy("region", "Europe"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific Ocean"),
}


class ZoneSelect(forms.Select):
    """Other names of the same zones are not offered, but stay chosen where they are."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-zones": "", **(attrs or {})})

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        likely = [*value, timezone.get_current_timezone_name(), "UTC"]
        self.choices = [(_("Likely"), _choices(zone for zone in likely if zone in zones())), *by_region()]
        return super().optgroups(name, value, attrs)


def by_region() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for region, label in REGIONS.items():
        found = (zone for zone in zones() if zone.startswith(f"{region}/"))
        yield str(label), sorted(_choices(found), key=lambda choice: choice[1])


def _choices(names: Iterable[str]) -> list[tuple[str, str]]:
    now = datetime.now(UTC)
    return [(name, f"{place(name)} ({offset(name, now)})") for name in dict.fromkeys(names)]


def place(zone: str) -> str:
    """America/Argentina/Buenos_Aires is Buenos Aires, Argentina."""
    _region, *parts = zone.replace("_", " ").split("/")
    return ", ".join(reversed(parts)) or zone


def offset(zone: str, now: datetime) -> str:
    minutes = (now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}"
