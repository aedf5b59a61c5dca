"""The parts of the pages, all on one: to look at when building with them, or changing one of them."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import charts, formats, icons
from accounts.enums import Band, Stage
from accounts.http import Request, requires

TREND = [52, 55, 54, 58, 61, 60, 57, 49, 44, 41, 38, 35]
MONTHS = [datetime(2026, month, 1, tzinfo=UTC).date() for month in range(1, 13)]


class SampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As the customer writes it.")
    mail = forms.EmailField(label="E-mail address", initial="not an address")
    stage = forms.ChoiceField(label="Stage", choices=Stage.choices)
    renews = forms.DateField(label="Decision date", required=False, widget=forms.DateInput({"type": "date"}))
    pulse = forms.ChoiceField(label="Pulse", choices=[("1", "1"), ("3", "3"), ("5", "5")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", widget=forms.Textarea({"rows": 3}), required=False)
    agreed = forms.BooleanField(label="They spoke with us", required=False)


def _rows() -> list[dict[str, Any]]:
    now = timezone.now()
    names = ("Northwind Robotics", "Café Ambrosia & Söhne GmbH", "Åkerlund Shipping", "Blue Heron Analytics", "Pallas")
    hours = (-50, -2, 4, 30, 400)
    sample = zip(Band.values, names, hours, (35, 58, 88, 112, None), strict=True)
    return [
        {"id": i, "band": band, "name": name, "due": now + timedelta(hours=h), "score": score, "mrr": 1840 * (i + 1)}
        for i, (band, name, h, score) in enumerate(sample)
    ]


def _charts() -> dict[str, Any]:
    months = formats.month_labels(MONTHS)
    euros = lambda value: formats.money(value, "EUR", compact=True)  # noqa: E731
    counts = {"red": 18, "yellow": 61, "green": 140, "thriving": 21}
    bands = [charts.Share(str(Band(band).label), count, band) for band, count in counts.items()]
    steps = [
        charts.Step("Usage", -14, "−42 % action points"),
        charts.Step("Support", -9, "3 tickets about integration"),
        charts.Step("NPS", 2, "one answer: 8"),
        charts.Step("Missing and stale readings", -2),
    ]
    return {
        "line": charts.line(
            "Score", months, [charts.Series("Score", TREND, "accent")], zones=charts.BAND_ZONES, low=0, high=100
        ),
        "bars": charts.bars(
            "MRR movements",
            months,
            [
                charts.Series("New", [4200, 3900, 5100, 2500, 6100, 4800, 5200, 3900, 4400, 7000, 5200, 4100], "1"),
                charts.Series("Expansion", [1200, 900, 2100, 800, 1900, 2300, 900, 1700, 1100, 2600, 1900, 2200], "2"),
                charts.Series(
                    "Churn", [-900, -2200, -400, -3100, -800, -1200, -700, -2600, -900, -400, -1500, -600], "red"
                ),
            ],
            write=euros,
        ),
        "waterfall": charts.waterfall("What moved the score", ("Oct 25", 58), steps, ("Nov 22", 35)),
        "segments": charts.segments("Accounts by band", bands),
        "donut": charts.donut("Accounts by band", bands, middle="240"),
    }


@require_safe
@requires("settings.view")
def style(request: Request) -> HttpResponse:
    sent = request.GET if "name" in request.GET else {"mail": "not an address", "stage": "active"}
    context = {
        "bands": Band.values,
        "rows": _rows(),
        "trend": TREND,
        "charts": _charts(),
        "form": SampleForm(sent),
        "icons": icons.PATHS,
        "now": timezone.now(),
        "ago": timezone.now() - timedelta(hours=3),
        "page": SimpleNamespace(previous="a", next="b", note="Accounts 51 to 100"),
    }
    return render(request, "ui/style.html", context)
