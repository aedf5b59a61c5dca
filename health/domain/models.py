"""Score models: what an admin says about how health is scored. Published versions never change."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import Conflict, DomainError
from accounts.models import Segment, User
from health.domain.marks import mark_all
from health.domain.numbers import checked as check_numbers
from health.domain.parameters import Parameters, Thresholds
from health.enums import VersionStatus
from health.models import ScoreModel, ScoreModelVersion, UsageTarget
from health.registry import indicators

DEFAULT_WEIGHTS = {"usage": 40, "nps": 10, "support": 20, "billing": 30}
DEFAULT_TARGET = 20
CUSTOM_KEY = re.compile(r"custom:[a-z0-9][a-z0-9_-]{0,58}")


def check_weights(weights: Mapping[str, int]) -> dict[str, int]:
    """Those above 0, in the order of the registry. Refused, with the sum, unless they add to 100."""
    for key, weight in weights.items():
        if key not in indicators and not CUSTOM_KEY.fullmatch(key):
            raise DomainError(
                _("There is no indicator %(key)s.") % {"key": key},
                code="unknown_indicator",
                errors={key: [_("There is no such indicator.")]},
            )
        if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= 100:
            raise DomainError(
                _("A weight is a whole number from 0 to 100."),
                code="bad_weight",
                errors={key: [_("A whole number from 0 to 100, please.")]},
            )
    total = sum(weights.values())
    if total != 100:
        raise DomainError(_("The weights add to %(sum)s. They must add to 100.") % {"sum": total}, code="weights_sum")
    order = [i.key for i in indicators]
    given = sorted((k for k in weights if weights[k]), key=lambda k: (order.index(k) if k in order else 99, k))
    return {key: weights[key] for key in given}


@transaction.atomic
def publish_weights(
    model: ScoreModel,
    weights: Mapping[str, int],
    *,
    by: User | None,
    based_on: int,
    note: str = "",
    numbers: Mapping[str, Any] | None = None,
    like: ScoreModelVersion | None = None,
) -> ScoreModelVersion:
    """A new version with these weights, in force at once. `based_on` is the number of the version that the weights
    were made from: if another admin has published meanwhile, nothing is overwritten. `numbers`: thresholds, windows and
    the like that are new (domain/numbers); all others stay as in the version in force, or as in `like`."""
    checked = check_weights(weights)
    model = ScoreModel.objects.select_for_update().get(pk=model.pk)
    current = model.current
    if (current.number if current else 0) != based_on:
        raise Conflict(_someone_was_faster(current), code="published_meanwhile")
    thresholds, parameters = check_numbers(numbers or {}, numbers_of(like or current))
    version = ScoreModelVersion.objects.create(
        model=model,
        number=based_on + 1,
        status=VersionStatus.PUBLISHED,
        indicators=list(checked),
        weights=list(checked.values()),
        thresholds=asdict(thresholds),
        parameters=parameters.stored(),
        note=note.strip()[:400],
        published_at=timezone.now(),
        published_by=by,
    )
    model.current = version
    model.save(update_fields=["current"])
    mark_all(segment_id=model.segment_id)
    return version


def numbers_of(version: ScoreModelVersion | None) -> tuple[Thresholds, Parameters]:
    """Beside the weights: those that a model begins with, where there is no version yet."""
    if version is None:
        return Thresholds(), Parameters()
    return Thresholds.of(version.thresholds), Parameters.of(version.parameters)


def _someone_was_faster(current: ScoreModelVersion | None) -> str:
    who = current.published_by if current else None
    return _("%(who)s has published version %(number)s meanwhile. Look at it, then publish again.") % {
        "who": who or _("Somebody"),
        "number": current.number if current else 0,
    }


@transaction.atomic
def create_segment_model(segment: Segment, *, by: User | None) -> ScoreModel:
    """A model of its own for a segment, beginning as a copy of the default one."""
    default = ScoreModel.objects.select_related("current").get(segment=None)
    model, created = ScoreModel.objects.get_or_create(segment=segment)
    if not created:
        raise Conflict(_("This segment has a model of its own already."), code="model_exists")
    assert default.current  # installed with a first version
    begun = _("Begun as the default model.")
    publish_weights(model, default.current.weight_of, by=by, based_on=0, note=begun, like=default.current)
    return model


@transaction.atomic
def install_defaults() -> None:
    """The default model and target, where an installation has none yet. Runs after every migrate."""
    model, _created = ScoreModel.objects.get_or_create(segment=None)
    if model.current_id is None:
        publish_weights(model, DEFAULT_WEIGHTS, by=None, based_on=0)
    UsageTarget.objects.get_or_create(segment=None, defaults={"points_per_seat": DEFAULT_TARGET})
