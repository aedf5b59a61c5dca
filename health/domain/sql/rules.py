"""Everything the statements need to know beside the readings, read at once."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from health.domain.parameters import Parameters, Thresholds
from health.domain.scoring import Model
from health.domain.sql.running import run_kept
from health.domain.sql.which import Statement

RULES = """
SELECT jsonb_build_object(
    'models', (SELECT jsonb_agg(jsonb_build_object('segment', m.segment_id, 'version', v.id, 'indicators', v.indicators,
            'weights', v.weights, 'thresholds', v.thresholds, 'parameters', v.parameters) ORDER BY m.id)
        FROM health_scoremodel m JOIN health_scoremodelversion v ON v.id = m.current_id),
    'targets', (SELECT jsonb_agg(jsonb_build_array(segment_id, points_per_seat)) FROM health_usagetarget),
    'impacts', (SELECT jsonb_agg(jsonb_build_array(id, impact)) FROM health_action),
    'first', (SELECT jsonb_object_agg(kind, first_on) FROM health_firstreading),
    'frozen', (SELECT jsonb_object_agg(indicator, frozen_at) FROM health_frozenindicator WHERE released_at IS NULL)
)
"""


@dataclass(frozen=True)
class VersionInForce:
    """A published version and whose it is: one segment's, or that of all segments without a model of their own."""

    id: int
    segment: int | None
    model: Model


@dataclass(frozen=True)
class Rules:
    versions: tuple[VersionInForce, ...]
    targets: dict[int | None, int] = field(default_factory=dict)
    impacts: dict[int, int] = field(default_factory=dict)
    first: dict[str, date] = field(default_factory=dict)
    frozen: dict[str, datetime] = field(default_factory=dict)

    @property
    def own_segments(self) -> list[int]:
        return [v.segment for v in self.versions if v.segment is not None]

    @cached_property
    def impact_array(self) -> list[float]:
        """By action id, as PostgreSQL counts: from 1. Doubles, or each use of the array would be a conversion."""
        return [float(self.impacts.get(n, 1)) for n in range(1, max(self.impacts, default=0) + 1)]


def read_rules() -> Rules:
    (stored,) = run_kept(Statement(RULES, {}))
    # Django reads jsonb as text, for its own JSONField to decode.
    return _rules(json.loads(stored))


def _rules(stored: dict[str, Any]) -> Rules:
    return Rules(
        versions=tuple(_version(m) for m in stored["models"] or ()),
        targets=dict(stored["targets"] or ()),
        impacts=dict(stored["impacts"] or ()),
        first={kind: date.fromisoformat(day) for kind, day in (stored["first"] or {}).items()},
        frozen={key: datetime.fromisoformat(at) for key, at in (stored["frozen"] or {}).items()},
    )


def _version(stored: dict[str, Any]) -> VersionInForce:
    return VersionInForce(
        id=stored["version"],
        segment=stored["segment"],
        model=Model(
            weights=dict(zip(stored["indicators"], stored["weights"], strict=True)),
            thresholds=Thresholds.of(stored["thresholds"]),
            parameters=Parameters.of(stored["parameters"]),
        ),
    )
