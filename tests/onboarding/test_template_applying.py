"""A version applied to running checklists: shown first, then done to all of them or to none."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation
from model_bakery import baker

from accounts.domain.timeline import Entry
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account, Activity
from onboarding.domain import checklists, templates
from onboarding.domain.templates import rollouts
from onboarding.domain.templates.applying import Moved, Standing, apply_version, preview_applying
from onboarding.models import Checklist, ChecklistStep, Rollout, TemplateVersion

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 2, 8, tzinfo=UTC)


def step(key: str, **values: Any) -> dict[str, Any]:
    return {"key": key, "texts": {"en": {"title": key.capitalize(), "text": ""}}} | values


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def first() -> TemplateVersion:
    template = templates.create_template("Basics")
    steps = [step("a", offset=3), step("b", offset=5, after=["a"], weight=3), step("c", offset=7)]
    return templates.publish(templates.save_draft(templates.draft_of(template), steps))


def begun(first: TemplateVersion, name: str = "Acme") -> Checklist:
    account = baker.make(Account, name=name, external_id=name, time_zone="UTC", stage="onboarding")
    return checklists.start(account, first, by=None)


def follower(first: TemplateVersion, *steps: dict[str, Any]) -> TemplateVersion:
    return templates.publish(templates.save_draft(templates.draft_of(first.template), steps))


def states(checklist: Checklist) -> dict[str, tuple[str, date | None]]:
    rows = ChecklistStep.objects.filter(checklist=checklist).select_related("step").order_by("step__position")
    return {row.step.key: (row.state, row.due_on) for row in rows}


SECOND = (step("a", offset=3), step("new", offset=2), step("c", offset=9, weight=4, after=["new"]))


def test_the_preview_says_what_would_become_of_each_and_changes_nothing(first) -> None:
    checklist = begun(first)
    checklists.tick(checklist.steps.get(step__key="a"), by=None)
    before = states(checklist)
    version = follower(first, *SECOND)
    preview = preview_applying(version)
    [change] = preview.changes
    assert (change.account.name, change.number, change.added, change.removed, change.removed_done) == (
        "Acme",
        1,
        ["New"],
        ["B"],
        0,
    )
    assert change.moved == [Moved("C", date(2026, 6, 9), date(2026, 6, 11))]
    assert (change.before, change.after) == (Standing(3, 1, 20), Standing(3, 1, Decimal("16.67")))
    assert (change.finishes, change.late) == (False, "")
    assert preview.totals == {"added": 1, "removed": 1, "removed_done": 0, "moved": 1, "finishes": 0, "late": 0}
    checklist.refresh_from_db()
    assert (states(checklist), checklist.version) == (before, first)


def test_what_is_done_stays_done_and_the_rest_follows_the_version(first, alice) -> None:
    checklist = begun(first)
    done = checklist.steps.get(step__key="a")
    checklists.tick(done, by=alice, note="On the phone")
    version = follower(first, *SECOND)
    assert apply_version(version, [checklist.pk], by=alice) == 1
    assert states(checklist) == {
        "a": ("done", date(2026, 6, 5)), "new": ("open", date(2026, 6, 4)), "c": ("blocked", date(2026, 6, 11)),
    }  # fmt: skip
    done.refresh_from_db()
    assert (done.step.version, done.closed_by, done.note) == (version, alice, "On the phone")
    checklist.refresh_from_db()
    assert (checklist.version, checklist.required_steps, checklist.required_done) == (version, 3, 1)
    told = Activity.objects.get(kind="checklist.changed")
    assert (told.actor, told.data["version"], told.data["what"]) == (alice, 2, "added New; removed B")
    with translation.override("fr"):
        assert Entry(told).sentence == "Basics, version 2\u00a0: ajouté\u00a0: New; retiré\u00a0: B"
    assert preview_applying(version).changes == []


def test_who_has_done_all_that_is_left_is_through(first) -> None:
    checklist = begun(first)
    checklists.tick(checklist.steps.get(step__key="a"), by=None)
    version = follower(first, step("a", offset=3), step("extra", required=False))
    assert preview_applying(version).changes[0].finishes
    apply_version(version, [checklist.pk], by=None)
    checklist.refresh_from_db()
    assert checklist.status == "finished"


def test_who_would_be_late_at_once_is_told(first) -> None:
    begun(first)
    version = follower(first, step("a", offset=0), step("c", offset=7))
    with time_machine.travel(datetime(2026, 6, 4, 8, tzinfo=UTC), tick=False):
        assert preview_applying(version).changes[0].late == "A"


def test_one_that_runs_no_more_stops_all_of_them(first) -> None:
    running, canceled = begun(first), begun(first, "Beta")
    version = follower(first, *SECOND)
    checklists.cancel(canceled, "Gone", by=None)
    with pytest.raises(Conflict, match="1 of these checklists does not run any more"):
        apply_version(version, [running.pk, canceled.pk], by=None)
    assert list(states(running)) == ["a", "b", "c"]
    assert not Activity.objects.filter(kind="checklist.changed").exists()


def test_nothing_of_another_template_and_no_draft_is_applied(first) -> None:
    other = templates.create_template("Other")
    checklist = begun(first)
    draft = templates.save_draft(templates.draft_of(other), [step("x")])
    with pytest.raises(DomainError, match="Publish this version first"):
        preview_applying(draft)
    with pytest.raises(Conflict):
        apply_version(templates.publish(draft), [checklist.pk], by=None)


def test_as_many_queries_for_many_as_for_one(first, django_assert_num_queries, django_assert_max_num_queries) -> None:
    ids = [begun(first, f"A{n}").pk for n in range(20)]
    version = follower(first, *SECOND)
    with django_assert_num_queries(4):
        assert len(preview_applying(version).changes) == 20
    with django_assert_max_num_queries(20):
        apply_version(version, ids, by=None)


# Many, by a worker ------------------------------------------------------------------------------------


@pytest.fixture
def _few_at_once(monkeypatch) -> None:
    monkeypatch.setattr(rollouts, "AT_ONCE", 1)


@pytest.mark.usefixtures("_few_at_once")
def test_many_are_done_by_a_worker_that_says_how_far_it_is(first, alice, signed_in, queue) -> None:
    ids = [begun(first, name).pk for name in ("Acme", "Beta")]
    version = follower(first, *SECOND)
    browser = signed_in(alice)
    answer = browser.post(reverse("onboarding:version_apply", args=[version.pk]), {"which": "all"})
    rollout = Rollout.objects.get()
    page = reverse("onboarding:rollout", args=[rollout.pk])
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert "0%" in browser.get(page, headers={"HX-Request": "true"}).content.decode()
    again = browser.post(reverse("onboarding:version_apply", args=[version.pk]), {"which": "all"})
    assert (again.status_code, "being applied already" in again.content.decode()) == (409, True)
    queue.drain()
    assert set(Checklist.objects.filter(pk__in=ids).values_list("version", flat=True)) == {version.pk}
    assert browser.get(page, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "2 checklists have the new version" in browser.get(page).content.decode()


@pytest.mark.usefixtures("_few_at_once")
def test_what_a_lost_worker_left_is_found_and_a_refusal_is_told(first) -> None:
    one, two = begun(first), begun(first, "Beta")
    version = follower(first, *SECOND)
    rollout = rollouts.roll_out(version, [one.pk, two.pk], by=None)
    assert rollout is not None
    checklists.cancel(two, "Gone", by=None)
    assert rollouts.sweep_rollouts() == 0  # its message may still come
    with time_machine.travel(datetime(2026, 6, 2, 8, 2, tzinfo=UTC), tick=False):
        assert (rollouts.sweep_rollouts(), rollouts.sweep_rollouts()) == (1, 0)
    rollout.refresh_from_db()
    assert (rollout.status, rollout.error[:34]) == ("failed", "1 of these checklists does not run")
    assert list(states(one)) == ["a", "b", "c"]
