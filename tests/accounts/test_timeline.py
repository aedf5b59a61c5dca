import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone, translation

from accounts.domain import deliveries, timeline
from accounts.domain.activity import Fact, record, record_many
from accounts.domain.timeline import Entry
from accounts.models import Account, Activity, Delivery
from accounts.registry import ActivityKind, activity_kinds
from tests.accounts.customers import HOSTILE, account
from tests.accounts.spine import make_follow_up, make_playbook

pytestmark = pytest.mark.django_db


def happened(row: Account, kind: str = "note.written", *, at: datetime | None = None, **data) -> Activity:
    with transaction.atomic():
        return record(row, kind, by="Chloe", occurred_at=at, **(data or {"text": "Hello"}))


def stored(row: Account, kind: str, data) -> Activity:
    """A row that record() would not write: of another version, another app, another time."""
    return Activity.objects.create(account=row, kind=kind, data=data, actor_label="Old")


def shown(html: bytes) -> list[int]:
    return [int(pk) for pk in re.findall(rb'<li id="activity-(\d+)"', html)]


# Sentences ----------------------------------------------------------------------------------------


def test_facts_read_in_the_readers_words() -> None:
    row = account()
    churned = happened(
        row,
        "account.churned",
        subscription="S-1",
        before="1234.5",
        after="0",
        amount="-1234.5",
        currency="EUR",
        reason="missing_feature",
    )
    trial = happened(row, "trial.ending", subscription="S-2", ends_on="2031-11-22", days=3)
    assert Entry(churned).sentence == "Churned, MRR €1,234.50 gone (Missing feature)"
    assert Entry(trial).sentence == "Trial of S-2 ends on Nov 22, 2031"
    with translation.override("fr"):
        assert "1 234,50 €" in Entry(churned).sentence.replace("\u202f", " ").replace("\xa0", " ")
        assert "22 nov. 2031" in Entry(trial).sentence


@pytest.mark.parametrize("comment", ["", None])
def test_what_nobody_put_in_words_is_left_out(comment) -> None:
    answer = {"group": "detractor", "score": 5, "contact": "Kim", "survey": "Autumn", "answer": 1}
    silent = stored(account(), "nps.answered", {**answer, "comment": comment})
    spoken = stored(account(), "nps.answered", {**answer, "comment": "Too slow"})

    labels = [[str(fact.label) for fact in Entry(activity).facts] for activity in (silent, spoken)]

    assert labels == [
        ["Group", "Score", "Who answered", "Survey"],
        ["Group", "Score", "Who answered", "Survey", "In their words"],
    ]


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("account.stage_changed", {}, "Stage: – → –"),
        ("account.stage_changed", {"before": "frozen", "after": None}, "Stage: frozen → –"),
        ("account.stage_changed", {"before": ["trial"], "after": {"a": 1}}, "Stage: trial → a: 1"),
        ("account.stage_changed", [], "Stage: – → –"),
        ("account.stage_changed", "text", "Stage: – → –"),
        ("account.stage_changed", None, "Stage: – → –"),
        ("mrr.new", {"after": "lots", "currency": 7}, "New: MRR lots"),
        ("mrr.new", {"after": "1e400000"}, "New: MRR 1.000E+400000"),
        ("note.written", {"text": "100 % of %(text)s %s"}, "100 % of %(text)s %s"),
        ("trial.ending", {"subscription": "S", "ends_on": "2031-02-30"}, "Trial of S ends on 2031-02-30"),
        ("trial.ending", {"subscription": "S", "ends_on": "9999-12-31"}, "Trial of S ends on Dec 31, 9999"),
        ("followup.snoozed", {"until": "0001-01-01T00:00:00+14:00", "title": "T", "reason": "R"}, None),
        ("ghost.seen", {"where": "attic"}, "Something of a kind this installation no longer knows: ghost.seen"),
    ],
)
def test_missing_and_odd_facts_break_nothing(signed_in, vera, kind, data, sentence) -> None:
    row = account()
    if data is None:
        data = 0
    entry = Entry(stored(row, kind, data))
    assert sentence is None or entry.sentence == sentence
    page = signed_in(vera).get(f"/accounts/{row.pk}/")
    assert (page.status_code, shown(page.content)) == (200, [entry.pk])
    assert signed_in(vera).get(f"/accounts/{row.pk}/timeline/{entry.pk}/").status_code == 200


def test_a_sentence_that_asks_for_more_than_its_kind_has_still_reads() -> None:
    activity_kinds.add(ActivityKind("odd.one", "Odd one", "%(nobody)s and %d"))
    activity_kinds.add(ActivityKind("odd.two", "Odd two", "only %(nobody)s"))
    try:
        assert Entry(Activity(kind="odd.one", data={})).sentence == "Odd one"
        assert Entry(Activity(kind="odd.two", data={})).sentence == "only –"
    finally:
        del activity_kinds.items["odd.one"], activity_kinds.items["odd.two"]


def test_hostile_text_comes_back_as_text(signed_in, vera) -> None:
    row = account()
    for text in HOSTILE:
        happened(row, text=text)
    html = signed_in(vera).get(f"/accounts/{row.pk}/").content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7|add:7 }}" in html


def test_every_registered_kind_has_a_sentence_and_an_icon(signed_in, vera) -> None:
    row = account()
    for kind in activity_kinds:
        stored(row, kind.name, {})
    client, after, seen = signed_in(vera), "", 0
    while after is not None:
        page = timeline.page(row, after=after)
        assert client.get(f"/accounts/{row.pk}/timeline/?after={after}").status_code == 200
        seen += len(page.rows)
        after = page.next
    assert seen == len(activity_kinds.items)


# Pages and groups -----------------------------------------------------------------------------------


def test_all_of_it_newest_first_also_at_the_same_moment(signed_in, vera) -> None:
    row, other, moment = account(), account("Other"), timezone.now()
    happened(other)
    with transaction.atomic():
        record_many([Fact(row.pk, "note.written", {"text": "x"}, moment - timedelta(hours=n // 4)) for n in range(50)])
    expected = list(row.activities.order_by("-occurred_at", "-pk").values_list("pk", flat=True))
    seen, after = [], ""
    while after is not None:
        page = timeline.page(row, after=after)
        seen += [entry.pk for entry in page.rows]
        after = page.next
    assert seen == expected

    client = signed_in(vera)
    first = client.get(f"/accounts/{row.pk}/").content
    more = re.search(rb'id="timeline-more" href="([^"]*)"', first)[1].decode().replace("&amp;", "&")
    second = client.get(more, headers={"HX-Request": "true", "HX-Target": "timeline-more"}).content
    assert shown(first) + shown(second) == expected[:40]
    assert b"<html" not in second


def test_one_group_at_a_time(signed_in, vera) -> None:
    row = account()
    note = happened(row)
    call = happened(row, "call.logged", contact="Ana", minutes=5, summary="Hi", two_way=True)
    stage = happened(row, "account.stage_changed", before="trial", after="active")
    ghost = stored(row, "ghost.seen", {})
    client = signed_in(vera)
    found = {
        group: set(shown(client.get(f"/accounts/{row.pk}/timeline/?group={group}").content))
        for group in ("", "talks", "account", "money", "product", "nonsense")
    }
    everything = {note.pk, call.pk, stage.pk, ghost.pk}
    assert found == {
        "": everything,
        "talks": {note.pk, call.pk},
        "account": {stage.pk},
        "money": set(),
        "product": set(),
        "nonsense": everything,
    }


def test_every_kind_is_in_exactly_one_group() -> None:
    grouped = [kind for key, _title in timeline.groups() for kind in timeline.kinds_of(key)]
    assert sorted(grouped) == sorted(activity_kinds.items)


def test_a_damaged_address_starts_at_the_top(signed_in, vera) -> None:
    row = account()
    note = happened(row)
    assert shown(signed_in(vera).get(f"/accounts/{row.pk}/timeline/?after=rubbish").content) == [note.pk]


def test_twenty_entries_take_as_many_queries_as_one(signed_in, vera, chloe, django_assert_num_queries) -> None:
    row, client = account(), signed_in(vera)
    cause = happened(row)
    with django_assert_num_queries(5):  # reader, account, entries, follow-ups, contacts
        client.get(f"/accounts/{row.pk}/")
    with transaction.atomic():
        for n in range(40):
            record(row, "note.written", by=chloe, cause=cause, text=f"Note {n}")
    for n in range(20):
        make_follow_up(row, title=f"Follow-up {n}", assignee=chloe)
    with django_assert_num_queries(5):
        client.get(f"/accounts/{row.pk}/")


# What became of it ------------------------------------------------------------------------------------


def told(activity: Activity) -> list[tuple[str, str, str]]:
    return [(e.who, str(e.status), e.note) for e in deliveries.story(activity)["endings"]]


def test_why_a_playbook_ran_or_did_not(signed_in, vera) -> None:
    row = account()
    ran, skipped = make_playbook("ran", trigger="note.written"), make_playbook("skipped", trigger="note.written")
    make_playbook("off", trigger="note.written", state="off")
    make_playbook("draft", trigger="note.written", state="draft")
    make_playbook("later", trigger="note.written")
    make_playbook("elsewhere", trigger="call.logged")
    note = happened(row)
    Activity.objects.filter(pk=note.pk).update(dispatched_at=timezone.now())
    note.refresh_from_db()
    follow_up = make_follow_up(row, title="Call them back")
    Delivery.objects.create(activity=note, subscriber=f"playbook:{ran.pk}", status="done", follow_up=follow_up)
    Delivery.objects.create(activity=note, subscriber="reaction:health.score_it", status="done")
    Delivery.objects.create(
        activity=note, subscriber=f"playbook:{skipped.pk}", status="skipped", note="100 % not for this segment"
    )
    Delivery.objects.create(activity=note, subscriber="playbook:999999", status="failed", note="boom")
    assert told(note) == [
        ("Ran", "Done", ""),
        ("Skipped", "Skipped", "100 % not for this segment"),
        ("Draft", "Did not run", "It is a draft."),
        ("Later", "Did not run", "It was not on when this happened."),
        ("Off", "Did not run", "It is switched off."),
        ("health: score it", "Done", ""),
        ("A playbook that was deleted", "Failed, will be tried again", "boom"),
    ]
    html = signed_in(vera).get(f"/accounts/{row.pk}/timeline/{note.pk}/").content.decode()
    assert f'<a href="/follow-ups/{follow_up.pk}/">Call them back</a>' in html


def test_what_waits_for_the_dispatcher_says_so() -> None:
    make_playbook("waits", trigger="note.written")
    assert told(happened(account())) == [("Waits", "Did not run", "Not looked at yet: it will be within a minute.")]


def test_causes_and_effects_lead_to_each_other(signed_in, vera) -> None:
    row = account()
    cause = happened(row, text="First")
    with transaction.atomic():
        effect = record(row, "note.written", cause=cause, text="Second")
    client, base = signed_in(vera), f"/accounts/{row.pk}/timeline/"
    assert f'href="{base}{cause.pk}/">First</a>' in client.get(f"{base}{effect.pk}/").content.decode()
    assert f'href="{base}{effect.pk}/">Second</a>' in client.get(f"{base}{cause.pk}/").content.decode()
    assert f'because of <a href="{base}{cause.pk}/">Note written</a>' in client.get(base).content.decode()


def test_an_entry_belongs_to_its_account(signed_in, vera) -> None:
    note, other = happened(account()), account("Other")
    assert signed_in(vera).get(f"/accounts/{other.pk}/timeline/{note.pk}/").status_code == 404


def test_details_come_as_a_fragment_and_as_a_page(signed_in, vera) -> None:
    row = account()
    url = f"/accounts/{row.pk}/timeline/{happened(row).pk}/"
    client = signed_in(vera)
    assert b"<html" in client.get(url).content
    assert b"<html" not in client.get(url, headers={"HX-Request": "true"}).content


def test_months_are_those_of_the_readers_zone() -> None:
    row = account()
    happened(row, at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC), text="x")
    for zone, month in (("UTC", 1), ("Europe/Bucharest", 2)):
        with timezone.override(zone):
            assert [day.month for day, _entries in timeline.by_month(timeline.page(row).rows)] == [month]
