"""What works: onboarding, referrals and alike held side by side; what the best customers have in common."""

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.domain.metrics.intervals import ENOUGH
from accounts.domain.numbers.exporting import Sheet
from accounts.domain.numbers.profile import Compared, Trait, compared, customers, profile
from accounts.http import Request, requires
from accounts.views.comparing import NOTHING, line, lines
from accounts.views.numbers.files import as_file
from accounts.views.numbers.frame import Look

SHOWN = 40


@require_safe
@requires("numbers.view")
def effects(request: Request) -> HttpResponseBase:
    look = Look(request, "effects")
    found = customers(look.asked)
    traits = profile(found)
    if request.GET.get("format") == "csv":
        return as_file(request, "best-customers", sheet(traits))
    told = [trait for trait in traits if trait.tells]
    context = {
        "count": len(found),
        "enough": ENOUGH,
        "compared": [_compared(one) for one in compared(found) if one.first or one.second],
        "told": [_row(trait) for trait in told],
        "others": [_row(trait) for trait in traits if not trait.tells][: SHOWN - len(told)],
        "left": max(0, len(traits) - SHOWN),
    }
    return look.answer("effects", context)


def _compared(one: Compared) -> dict[str, Any]:
    name = one.effect.url_name
    return {
        "key": one.effect.key,
        "title": one.effect.title,
        "groups": [(one.effect.first, one.first), (one.effect.second, one.second)],
        "lines": lines(one.rows),
        "url": reverse(name) if name else "",
    }


def _row(trait: Trait) -> dict[str, Any]:
    ratio = trait.ratio
    return {
        "kind": trait.kind,
        "name": trait.name,
        "n": trait.count,
        "life": line(trait.life),
        "kept": line(trait.kept),
        "ratio": NOTHING if ratio is None else f"{formats.number(ratio, decimals=1 if ratio >= 1 else 2)}×",
        "better": (ratio or 1.0) >= 1.0 if trait.life.differs else (trait.kept.apart.value or 0.0) >= 0.0,
        "tells": trait.tells,
        "too_few": trait.too_few,
    }


def sheet(traits: list[Trait]) -> Sheet:
    head = ["kind", "trait", "accounts", "of", "retention", "retention_low", "retention_high", "retention_others",
            "ltv", "ltv_low", "ltv_high", "ltv_others", "more_than_chance"]  # fmt: skip
    rows = [
        [str(t.kind), t.name, t.count, t.of, t.kept.first.value, t.kept.first.low, t.kept.first.high,
         t.kept.second.value, t.life.first.value, t.life.first.low, t.life.first.high, t.life.second.value, t.tells]
        for t in traits
    ]  # fmt: skip
    return Sheet(head, rows)
