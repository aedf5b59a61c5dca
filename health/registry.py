"""The indicators a score model may weigh. Each is computed twice by the same rule: in plain Python
(domain/indicators.py, the reference) and set-based (domain/sql/)."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _, ngettext_lazy

from accounts.registry import Registry, Text

CUSTOM = "custom:"


@dataclass(frozen=True)
class Indicator:
    key: str
    label: Text
    help: Text
    # The fact behind the value, as its score keeps it; %(n)s is filled in.
    reading: Text = ""


indicators: Registry[Indicator] = Registry("indicator", lambda i: i.key)

indicators.add(
    Indicator(
        "usage",
        _("Usage"),
        _("Action points in 28 days against the target of the seats; up to 150."),
        ngettext_lazy("%(n)s point", "%(n)s points", "n"),
    ),
    Indicator(
        "depth",
        _("Depth"),
        _("Different actions used, out of those that the plan includes."),
        ngettext_lazy("%(n)s action used", "%(n)s actions used", "n"),
    ),
    Indicator(
        "momentum",
        _("Momentum"),
        _("Action points against as many days before; 50 is steady."),
        ngettext_lazy("%(n)s point before", "%(n)s points before", "n"),
    ),
    Indicator(
        "nps",
        _("NPS"),
        _("Mean of the contacts' latest answers, times ten."),
        ngettext_lazy("%(n)s answer", "%(n)s answers", "n"),
    ),
    Indicator(
        "support",
        _("Support"),
        _("100 less what each recent ticket weighs by its severity."),
        ngettext_lazy("%(n)s ticket", "%(n)s tickets", "n"),
    ),
    Indicator(
        "support_quality",
        _("Support quality"),
        _("Share of tickets that ask how to get more out of it."),
        ngettext_lazy("%(n)s strategic ticket", "%(n)s strategic tickets", "n"),
    ),
    Indicator(
        "billing",
        _("Billing"),
        _("Falls with the days that the oldest open invoice is overdue."),
        ngettext_lazy("%(n)s day overdue", "%(n)s days overdue", "n"),
    ),
    Indicator(
        "onboarding",
        _("Onboarding"),
        _("Engagement score of the running checklist; 100 once it is finished."),
        _("%(n)s%% of the steps, by weight"),
    ),
    Indicator(
        "ttv",
        _("Time to first value"),
        _("100 within the target after the start of the checklist, then falling day by day until it is reached."),
        ngettext_lazy("%(n)s day after the start", "%(n)s days after the start", "n"),
    ),
    Indicator(
        "relationship",
        _("Relationship"),
        _("Falls to 0 with the days since the last two-way contact."),
        ngettext_lazy("%(n)s day since the last contact", "%(n)s days since the last contact", "n"),
    ),
    Indicator("pulse", _("Pulse"), _("The CSM's own feeling, 1 to 5."), _("%(n)s of 5")),
)


def indicator(key: str) -> Indicator:
    """A known indicator, or the one that a program's own key stands for."""
    if key in indicators or not key.startswith(CUSTOM):
        return indicators[key]
    name = key.removeprefix(CUSTOM)
    return Indicator(key, name.replace("_", " ").replace("-", " ").capitalize(), _("Sent by a program, 0 to 100."))
