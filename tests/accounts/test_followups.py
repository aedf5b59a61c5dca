"""Working on follow-ups one at a time."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.domain import followups
from accounts.enums import FollowUpStatus
from accounts.exceptions import Conflict, DomainError
from accounts.models import FollowUp
from tests.accounts.spine import NOON, make_account, make_follow_up, make_playbook, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def acme(chloe):
    return make_account(csm=chloe)


def closed_state(row: FollowUp) -> dict:
    return FollowUp.objects.values(
        "status", "closed_at", "closed_by", "outcome", "outcome_note", "snoozed_until", "contacted_at"
    ).get(pk=row.pk)


def test_done_keeps_who_when_and_what_came_of_it(acme, chloe):
    row = make_follow_up(acme, kind="red", steps=[{"text": "Look", "done": False}, {"text": "Call", "done": False}])

    followups.complete(row, by=chloe, outcome="helped", note=" Spoke with Ana.\n", steps=[True, False])

    now = NOON + timedelta(hours=1)
    assert closed_state(row) == {
        "status": "done",
        "closed_at": now,
        "closed_by": chloe.pk,
        "outcome": "helped",
        "outcome_note": "Spoke with Ana.",
        "snoozed_until": None,
        "contacted_at": now,
    }
    row.refresh_from_db()
    assert row.steps == [{"text": "Look", "done": True}, {"text": "Call", "done": False}]
    assert told(acme) == [
        (
            "followup.done",
            {
                "follow_up": row.pk,
                "title": "Call them",
                "outcome": "helped",
                "note": "Spoke with Ana.",
                "playbook": "red",
            },
        )
    ]


def test_done_twice_is_a_conflict_that_names_who_was_first(acme, chloe, cyril):
    row = make_follow_up(acme)
    followups.complete(row, by=chloe, outcome="no_answer")

    with pytest.raises(Conflict, match="“Call them” was already done by Chloe"):
        followups.complete(row, by=cyril, outcome="helped")

    assert closed_state(row)["outcome"] == "no_answer"
    assert closed_state(row)["contacted_at"] is None
    assert len(told(acme)) == 1


@pytest.mark.parametrize("outcome", ["", "great", None])
def test_done_asks_for_an_outcome(acme, chloe, outcome):
    row = make_follow_up(acme)

    with pytest.raises(DomainError) as refusal:
        followups.complete(row, by=chloe, outcome=outcome)

    assert (refusal.value.code, refusal.value.status) == ("outcome_missing", 422)
    assert closed_state(row)["status"] == "open"
    assert told(acme) == []


def test_what_postgres_cannot_hold_is_taken_out_of_a_note(acme, chloe):
    row = make_follow_up(acme)

    followups.complete(row, by=chloe, outcome="helped", note="a\x00b <script>{x} %(y)s\ud800")

    assert closed_state(row)["outcome_note"] == "ab <script>{x} %(y)s"


def test_a_note_too_long_is_refused(acme, chloe):
    with pytest.raises(DomainError, match="at most 10000 characters"):
        followups.complete(make_follow_up(acme), by=chloe, outcome="helped", note="x" * 10_001)


def test_canceled_with_a_reason(acme, chloe):
    row = make_follow_up(acme)

    followups.cancel(row, by=chloe, why="Merged with Globex")

    assert closed_state(row)["status"] == "canceled"
    assert told(acme) == [
        ("followup.canceled", {"follow_up": row.pk, "title": "Call them", "why": "Merged with Globex"})
    ]
    with pytest.raises(Conflict, match="already canceled by Chloe"):
        followups.cancel(row, by=chloe, why="Again")


def test_snoozing_moves_the_due_time_of_what_is_no_promise(acme, chloe):
    row = make_follow_up(acme)
    until = NOON + timedelta(days=3)

    followups.snooze(row, by=chloe, until=until, reason="On holiday")

    row.refresh_from_db()
    assert (row.status, row.snoozed_until, row.snooze_reason, row.due_at) == (
        FollowUpStatus.SNOOZED,
        until,
        "On holiday",
        until,
    )
    assert told(acme) == [
        (
            "followup.snoozed",
            {
                "follow_up": row.pk,
                "title": "Call them",
                "until": until.isoformat(),
                "reason": "On holiday",
                "past_promise": False,
            },
        )
    ]


def test_snoozing_within_the_due_time_leaves_it(acme, chloe):
    row = make_follow_up(acme)

    followups.snooze(row, by=chloe, until=NOON + timedelta(hours=5), reason="In a meeting")

    row.refresh_from_db()
    assert row.due_at == NOON + timedelta(days=1)


def test_a_promise_is_not_snoozed_away_without_saying_so(acme, chloe):
    row = make_follow_up(acme, promise=True)
    later = {"by": chloe, "until": NOON + timedelta(days=2), "reason": "They asked"}

    with pytest.raises(DomainError, match=r"is a promise until Mar 5, 2026.*breaks it") as refusal:
        followups.snooze(row, **later)
    assert refusal.value.code == "past_promise"
    assert closed_state(row)["status"] == "open"

    followups.snooze(row, **later, past_promise=True)
    row.refresh_from_db()
    assert (row.status, row.due_at) == ("snoozed", NOON + timedelta(days=1))
    assert told(acme)[0][1]["past_promise"] is True


def test_a_promise_may_be_snoozed_up_to_its_due_time(acme, chloe):
    row = make_follow_up(acme, promise=True)

    followups.snooze(row, by=chloe, until=row.due_at, reason="Tomorrow at noon")

    assert told(acme)[0][1]["past_promise"] is False


@pytest.mark.parametrize(
    ("days", "reason", "field"),
    [(-1, "x", "until"), (0, "x", "until"), (366, "x", "until"), (2, "", "reason"), (2, " \n", "reason")],
)
def test_a_snooze_needs_a_time_to_come_and_a_reason(acme, chloe, days, reason, field):
    until = NOON + timedelta(hours=1, days=days)

    with pytest.raises(DomainError) as refusal:
        followups.snooze(make_follow_up(acme), by=chloe, until=until, reason=reason)

    assert list(refusal.value.errors) == [field]


def test_a_snooze_ends_by_itself(acme, chloe):
    early, late = make_follow_up(acme), make_follow_up(acme)
    followups.snooze(early, by=chloe, until=NOON + timedelta(hours=2), reason="x")
    followups.snooze(late, by=chloe, until=NOON + timedelta(hours=3), reason="x")

    assert followups.wake_due(NOON + timedelta(hours=2)) == 1
    assert followups.wake_due(NOON + timedelta(hours=2)) == 0

    rows = FollowUp.objects.order_by("pk").values_list("status", "snoozed_until", "snooze_reason")
    assert list(rows) == [("open", None, ""), ("snoozed", NOON + timedelta(hours=3), "x")]


def test_waking_one_by_hand(acme, chloe):
    row = make_follow_up(acme)
    followups.snooze(row, by=chloe, until=NOON + timedelta(days=3), reason="x")

    followups.wake(row, by=chloe)

    row.refresh_from_db()
    assert (row.status, row.snoozed_until) == ("open", None)


def test_handed_over(acme, chloe, cyril):
    row = make_follow_up(acme)

    followups.reassign(row, to=cyril, by=chloe, note="You know them")
    followups.reassign(row, to=cyril, by=chloe)  # he has it: nothing happens

    row.refresh_from_db()
    assert row.assignee == cyril
    assert told(acme) == [
        (
            "followup.reassigned",
            {"follow_up": row.pk, "title": "Call them", "before": "Chloe", "after": "Cyril", "note": "You know them"},
        )
    ]


def test_nothing_is_handed_to_a_viewer_or_to_someone_who_left(acme, chloe, vera, cyril):
    row = make_follow_up(acme)
    cyril.is_active = False
    cyril.save()

    for nobody in (vera, cyril):
        with pytest.raises(DomainError, match="cannot be handed follow-ups"):
            followups.reassign(row, to=nobody, by=chloe)


def test_steps_are_ticked_one_by_one(acme, chloe):
    row = make_follow_up(acme, steps=[{"text": "Look", "done": False}, {"text": "Call", "done": False}])

    followups.set_step(row, 1, done=True, by=chloe)
    assert followups.set_step(row, 0, done=True, by=chloe).steps == [
        {"text": "Look", "done": True},
        {"text": "Call", "done": True},
    ]
    with pytest.raises(DomainError, match="no such step"):
        followups.set_step(row, 2, done=True, by=chloe)


def test_written_by_hand(acme, chloe, cyril):
    acme.mrr, acme.band = 1000, "red"
    acme.save()

    row = followups.open_by_hand(
        acme, by=chloe, title=" Send\nthe deck ", due_at=NOON + timedelta(days=2), assignee=cyril, note="v2", priority=2
    )

    row.refresh_from_db()
    assert (row.kind, row.title, row.assignee, row.priority, row.instructions) == (
        "manual",
        "Send the deck",
        cyril,
        2,
        "v2",
    )
    assert (row.reason, row.expected_loss, row.playbook, row.holds) == ("Written by Chloe", 4800, None, None)
    assert told(acme) == [("followup.opened", {"follow_up": row.pk, "title": "Send the deck"})]
    assert row.activity == acme.activities.get()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 241}, "title"),
        ({"due_at": NOON}, "due_at"),
        ({"due_at": datetime(9999, 12, 31, 23, tzinfo=UTC)}, "due_at"),  # east of here it has no day
        ({"priority": 9}, "priority"),
    ],
)
def test_written_by_hand_wrongly(acme, chloe, wrong, field):
    good = {"title": "Send the deck", "due_at": NOON + timedelta(days=2)}

    with pytest.raises(DomainError) as refusal:
        followups.open_by_hand(acme, by=chloe, **{**good, **wrong})

    assert list(refusal.value.errors) == [field]
    assert not FollowUp.objects.exists()


def test_a_call_answers_the_open_follow_ups_of_the_account(acme, chloe):
    before, other = make_follow_up(acme), make_follow_up(make_account("Other"))
    now = NOON + timedelta(hours=1)

    followups.log_contact(acme, by=chloe, summary="All well", minutes=12)

    acme.refresh_from_db()
    assert acme.last_contact_at == now
    assert dict(FollowUp.objects.values_list("pk", "contacted_at")) == {before.pk: now, other.pk: None}
    assert told(acme) == [
        ("call.logged", {"contact": "the customer", "minutes": 12, "summary": "All well", "two_way": True})
    ]


def test_a_call_nobody_answered_is_no_contact(acme, chloe):
    row = make_follow_up(acme)

    followups.log_contact(acme, by=chloe, summary="Voice mail", two_way=False)

    acme.refresh_from_db()
    row.refresh_from_db()
    assert (acme.last_contact_at, row.contacted_at) == (None, None)


def test_a_call_of_tomorrow_is_refused(acme, chloe):
    with pytest.raises(DomainError, match="has not happened yet"):
        followups.log_contact(acme, by=chloe, summary="x", at=NOON + timedelta(days=1))


def test_all_follow_ups_of_someone_who_leaves_go_to_the_manager(acme, chloe, cyril, marc, alice):
    mine = [make_follow_up(acme), make_follow_up(acme, status="snoozed", snoozed_until=NOON)]
    done = make_follow_up(acme, status="done", closed_at=NOON)
    his = make_follow_up(acme, assignee=cyril)

    assert followups.hand_over_all(chloe, by=alice) == 2
    assert followups.hand_over_all(chloe, by=alice) == 0

    assert dict(FollowUp.objects.values_list("pk", "assignee__name")) == {
        mine[0].pk: "Marc",
        mine[1].pk: "Marc",
        done.pk: "Chloe",
        his.pk: "Cyril",
    }
    assert [kind for kind, _data in told(acme)] == ["followup.reassigned"] * 2


def test_without_a_manager_the_next_manager_or_an_admin_takes_over(acme, chloe, marc, alice):
    make_follow_up(acme)
    marc.is_active = False
    marc.save()

    followups.hand_over_all(chloe, by=alice)

    assert FollowUp.objects.get().assignee == alice


def test_expected_loss_follows_value_and_band(django_assert_num_queries):
    acme, calm = make_account(mrr=1000, band="green"), make_account("Calm", mrr=100, band="odd")
    rows = [make_follow_up(acme), make_follow_up(acme, status="done", closed_at=NOON), make_follow_up(calm)]
    type(acme).objects.filter(pk=acme.pk).update(band="red", mrr="1000.12345678")

    with django_assert_num_queries(1):
        assert followups.refresh_expected_loss([acme.pk, calm.pk]) == 1
    assert followups.refresh_expected_loss() == 0
    assert followups.refresh_expected_loss([]) == 0

    assert [str(row.expected_loss) for row in FollowUp.objects.order_by("pk")] == ["4800.5926", "600.0000", "180.0000"]
    assert len(rows) == 3


def test_the_cool_down_is_written_into_the_row_as_it_closes(acme, chloe):
    playbook = make_playbook(cool_down_days=14)
    row = make_follow_up(acme, playbook=playbook)

    followups.complete(row, by=chloe, outcome="helped")

    row.refresh_from_db()
    assert (row.holds.lower, row.holds.upper) == (NOON, NOON + timedelta(hours=1, days=14))
