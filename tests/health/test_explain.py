"""What moved the score adds up exactly, as printed, for any two days."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings, strategies as st

from accounts.exceptions import DomainError
from health.domain import recompute
from health.domain.explain import decompose, explain, moves, share_out
from health.domain.indicators import Value
from health.domain.scoring import Model, score_values
from health.models import Score, ScoreModel, ScoreModelVersion
from health.registry import indicators
from tests.health import factories as f
from tests.thorough import examples

KEYS = [i.key for i in indicators]
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


@st.composite
def weights(draw):
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=5, unique=True))
    cuts = sorted(draw(st.lists(st.integers(1, 99), min_size=len(keys) - 1, max_size=len(keys) - 1, unique=True)))
    return dict(zip(keys, (b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)), strict=True))


@st.composite
def scores(draw, day: date, number: int):
    given_weights = draw(weights())
    values = [draw(st.none() | st.integers(0, 150_000)) for _ in given_weights]
    scored = score_values([Value(v) for v in values], Model(given_weights))
    version = ScoreModelVersion(
        id=number,
        model=ScoreModel(),
        number=number,
        indicators=list(given_weights),
        weights=list(given_weights.values()),
    )
    return Score(account_id=1, day=day, version=version, score=scored.score, values=values)


@settings(max_examples=examples(30), deadline=None)
@given(scores(date(2026, 2, 1), 1), scores(date(2026, 3, 1), 2))
def test_effects_add_up_exactly_as_printed(old, new):
    if old.score is None or new.score is None:
        return
    told = explain(old, new)
    assert sum(effect.points for effect in told.effects) == told.change == told.after - told.before
    assert all(effect.points.as_tuple().exponent == -1 for effect in told.effects)


# Of a few letters: for any text, Hypothesis first tries each character there is.
NAMES = st.text("abcxyz_é ", max_size=3)


@settings(max_examples=examples(30), deadline=None)
@given(st.dictionaries(NAMES, st.fractions(-10_000, 10_000), min_size=1, max_size=8), st.integers(-1, 1))
def test_rounding_shares_the_rest_by_the_largest_remainders(exact, off):
    total = round(sum(exact.values()) / 100) + off
    shares = share_out(exact, total)
    assert sum(shares.values()) == total
    assert all(abs(shares[key] - exact[key] / 100) < 2 for key in exact)


def test_an_indicator_moves_by_its_weight():
    same = {"usage": 40, "support": 60}
    effects = decompose({"usage": 80_000, "support": 50_000}, same, {"usage": 30_000, "support": 60_000}, same)
    assert effects == {"usage": -20_000, "support": 6_000, "missing": 0}


def test_what_is_no_longer_known_is_an_effect_of_its_own():
    same = {"usage": 50, "pulse": 50}
    effects = decompose({"usage": 80_000, "pulse": 20_000}, same, {"usage": 80_000}, same)
    assert effects == {"usage": 0, "missing": 30_000}


def test_another_model_is_an_effect_of_its_own():
    values = {"usage": 80_000, "support": 40_000}
    effects = decompose(values, {"usage": 100}, values, {"usage": 50, "support": 50})
    assert effects == {"version": -20_000, "usage": 0, "support": 0, "missing": 0}


def test_nothing_in_common_is_all_missing():
    effects = decompose({"usage": 80_000}, {"usage": 100}, {"pulse": 25_000}, {"pulse": 100})
    assert effects == {"version": 0, "missing": Fraction(-55_000)}


@pytest.mark.django_db
def test_the_sentence_names_what_did_it(time_machine):
    time_machine.move_to(NOW, tick=False)
    f.all_received()
    f.set_target(10)
    account = f.make_account(seats=1, started_on=date(2025, 1, 1))
    f.use(account, 10, on=NOW.date() - timedelta(days=30))
    for _ in range(2):
        f.ticket(account, on=NOW.date())
    earlier = NOW.date() - timedelta(days=28)
    recompute.backfill([earlier])
    recompute.score_accounts([account.pk])
    told = moves(account, earlier, NOW.date())
    assert [(e.key, e.points, e.detail) for e in told.effects] == [
        ("usage", Decimal("-44.5"), "100 → 0"),
        ("support", Decimal("-11.1"), "100 → 50"),
    ]
    assert (told.before, told.after, told.change) == (Decimal("100.0"), Decimal("44.4"), Decimal("-55.6"))
    assert told.sentence == "Down 55.6 since Feb 10: Usage −44.5, Support −11.1."
    with pytest.raises(DomainError, match="There is no score of"):
        moves(account, earlier - timedelta(days=1), NOW.date())
