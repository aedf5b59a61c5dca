"""Checklist templates: drafts saved with every check, versions that stay, the one an account gets."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from model_bakery import baker

from accounts.exceptions import Conflict, DomainError
from accounts.models import Account, Segment
from onboarding.domain import templates
from onboarding.domain.templates.defaults import install_defaults
from onboarding.models import ChecklistTemplate, SessionType, TemplateStep, TemplateVersion

pytestmark = pytest.mark.django_db


def step(key: str, **values: Any) -> dict[str, Any]:
    return {"key": key, "texts": {"en": {"title": key.capitalize(), "text": ""}}} | values


@pytest.fixture
def draft(db) -> TemplateVersion:
    ChecklistTemplate.objects.exclude(versions__published_at=None).update(retired_at=timezone.now())
    return templates.draft_of(templates.create_template("Basics"))


def saved(draft: TemplateVersion, *steps: dict[str, Any]) -> TemplateVersion:
    return templates.save_draft(draft, steps)


def refused(draft: TemplateVersion, *steps: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(DomainError) as refusal:
        templates.save_draft(draft, steps)
    assert not draft.steps.exists()
    return {field: [str(s) for s in sentences] for field, sentences in refusal.value.errors.items()}


# Saving -----------------------------------------------------------------------------------------------


def test_a_draft_keeps_every_field_of_its_steps_in_order(draft: TemplateVersion) -> None:
    kickoff = baker.make(SessionType, slug="kickoff")
    full = {
        "key": "import", "texts": {"fr": {"title": "Importer", "text": "**Vos** données"}, "en": {"title": "Import", "text": ""}},
        "video_url": "https://video.example/import", "owner": "csm", "offset": 3, "offset_unit": "business", "duration": 2,
        "weight": 5, "required": False, "activation": True, "after": ["invite"], "auto_action": "file_shared",
        "auto_distinct": "user", "auto_count": 3, "auto_since_start": True, "session_type": kickoff.pk,
    }  # fmt: skip
    saved(draft, step("invite"), full)
    first, second = draft.steps.all()
    assert (first.key, first.position, first.owner, first.weight, first.required) == ("invite", 0, "customer", 1, True)
    assert {name: getattr(second, name) for name in full} == full | {"session_type": kickoff}
    assert list(second.texts) == ["en", "fr"]


def test_what_is_wrong_with_a_step_is_told_at_the_step(draft: TemplateVersion) -> None:
    bad = {
        "texts": {"en": {"title": "", "text": "only a text"}, "de": {"title": "Hallo"}}, "video_url": "javascript:alert(1)",
        "owner": "nobody", "offset": -1, "weight": 1001, "auto_distinct": "user", "session_type": 999_999,
    }  # fmt: skip
    assert refused(draft, step("a"), step("b", **bad), step("c", texts={})) == {
        "steps.1.title.en": ["A text without a title: give it one."],
        "steps.1.texts": ["There is no language de here."],
        "steps.1.video_url": ["Write the whole address of the video, beginning with https://."],
        "steps.1.owner": ["Choose one of the values."],
        "steps.1.offset": ["A whole number from 0 to 730."],
        "steps.1.weight": ["A whole number from 0 to 1000."],
        "steps.1.auto_action": ["Say which event ticks it."],
        "steps.1.session_type": ["There is no such session type."],
        "steps.2.title.en": ["Give the step a title."],
    }


@pytest.mark.parametrize(
    "url",
    ["http://plain.example/v", "data:text/html,x", "https://bank.example@evil.example/", "//evil.example", "video"],
)
def test_a_video_is_an_address_by_https_alone(draft: TemplateVersion, url: str) -> None:
    assert list(refused(draft, step("a", video_url=url))) == ["steps.0.video_url"]


def test_a_circle_is_named_step_by_step(draft: TemplateVersion) -> None:
    errors = refused(
        draft, step("free"), step("a", after=["c"]), step("b", after=["a", "free"]), step("c", after=["b"]), step("d", after=["c"])
    )  # fmt: skip
    assert errors == {
        "steps.1.after": ["These steps wait for each other in a circle, so none could ever begin: A → B → C → A."]
    }
    assert refused(draft, step("a", after=["a"])) == {
        "steps.0.after": ["These steps wait for each other in a circle, so none could ever begin: A → A."]
    }


def test_keys_activation_and_predecessors_are_checked_together(draft: TemplateVersion) -> None:
    steps = [step("a", activation=True), step("a", activation=True), step("b c"), step("d", after=["gone"])]
    assert refused(draft, *steps) == {
        "steps.1.key": ["Another step has this key."],
        "steps.1.activation": ["Only one step can be the activation: “A” is it already."],
        "steps.2.key": ["A key has letters, digits, hyphens and underscores."],
        "steps.3.after": ["It comes after a step that is not here: gone."],
    }
    with pytest.raises(DomainError, match="at most 40 steps"):
        saved(draft, *(step(f"s{n}") for n in range(41)))


def test_two_admins_on_one_draft_the_second_is_told(draft: TemplateVersion, alice) -> None:
    seen = draft.changed_at
    templates.save_draft(draft, [step("hers")], by=alice, seen=seen)
    with pytest.raises(Conflict, match="Alice has saved this draft meanwhile"):
        templates.save_draft(draft, [step("his")], seen=seen)
    with pytest.raises(Conflict, match="Alice has saved this draft meanwhile"):
        templates.publish(draft, seen=seen)
    assert list(draft.steps.values_list("key", flat=True)) == ["hers"]
    templates.publish(draft, by=alice)
    with pytest.raises(Conflict, match="Alice has published this version meanwhile"):
        templates.save_draft(draft, [step("his")], seen=seen)


def test_a_dropped_draft_is_gone_for_the_other_too(draft: TemplateVersion) -> None:
    templates.drop_draft(draft)
    assert not ChecklistTemplate.objects.filter(name="Basics").exists()
    with pytest.raises(Conflict, match="dropped this draft meanwhile"):
        saved(draft, step("a"))


# Publishing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([], "without steps"),
        ([step("a", required=False)], "must be required"),
        ([step("a", weight=0)], "needs a weight"),
    ],
)
def test_a_draft_that_would_not_work_is_not_published(draft: TemplateVersion, steps: list, why: str) -> None:
    saved(draft, *steps)
    with pytest.raises(DomainError, match=why):
        templates.publish(draft)


def test_a_published_version_stays_and_the_next_draft_begins_from_it(draft: TemplateVersion, alice) -> None:
    saved(draft, step("a"), step("b", after=["a"]))
    first = templates.publish(draft, by=alice, note="The beginning")
    assert (first.status, first.published_by, first.note) == ("published", alice, "The beginning")
    second = templates.draft_of(first.template)
    assert (second.number, [s.key for s in second.steps.all()]) == (2, ["a", "b"])
    assert templates.draft_of(first.template) == second
    saved(second, step("a", texts={"en": {"title": "New"}}))
    assert templates.text_of(first.steps.first()).title == "A"


@pytest.mark.parametrize(
    "change",
    [
        lambda version: TemplateStep.objects.filter(version=version).update(weight=9),
        lambda version: TemplateStep.objects.filter(version=version).delete(),
        lambda version: baker.make(TemplateStep, version=version, key="late", texts={}),
        lambda version: TemplateVersion.objects.filter(pk=version.pk).update(note="else"),
        lambda version: TemplateVersion.objects.filter(pk=version.pk).update(status="draft", published_at=None),
        lambda version: TemplateVersion.objects.filter(pk=version.pk).delete(),
    ],
)
def test_the_database_itself_keeps_what_is_published(draft: TemplateVersion, change: Any) -> None:
    saved(draft, step("a"))
    version = templates.publish(draft)
    with pytest.raises(DatabaseError, match=r"of a published version|Cannot"), transaction.atomic():
        change(version)


def test_a_session_type_may_go_from_a_published_step(draft: TemplateVersion) -> None:
    kickoff = baker.make(SessionType, slug="kickoff")
    saved(draft, step("a", session_type=kickoff))
    version = templates.publish(draft)
    kickoff.delete()
    assert version.steps.get().session_type is None


def test_rolling_back_publishes_the_older_one_again(draft: TemplateVersion, alice) -> None:
    saved(draft, step("a"))
    first = templates.publish(draft)
    second = templates.draft_of(first.template)
    saved(second, step("b"))
    with pytest.raises(Conflict, match="There is a draft"):
        templates.roll_back(first)
    templates.publish(second)
    with pytest.raises(Conflict, match="newest version already"):
        templates.roll_back(second)
    third = templates.roll_back(first, by=alice)
    assert (third.number, third.note, [s.key for s in third.steps.all()]) == (3, "As version 1", ["a"])
    assert templates.latest_of(first.template) == third


# Whom it is for ---------------------------------------------------------------------------------------


def published(name: str, *segments: Segment, models: tuple[str, ...] = ()) -> TemplateVersion:
    template = templates.create_template(name, segments=segments, touch_models=models)
    return templates.publish(saved(templates.draft_of(template), step("a")))


def test_an_account_gets_the_template_that_says_most_about_it(
    draft: TemplateVersion, django_assert_num_queries
) -> None:
    small, large = (
        baker.make(Segment, key="small", touch_model="low"),
        baker.make(Segment, key="large", touch_model="high"),
    )
    everybody = published("Everybody")
    high = published("High touch", models=("high",))
    larges = published("Large", large)
    large_low = published("Large, low touch", large, models=("low",))
    accounts = {
        "small": baker.make(Account, segment=small, name="A"),
        "chosen": baker.make(Account, segment=small, touch_model="high", name="B"),
        "large": baker.make(Account, segment=large, name="C"),
        "modest": baker.make(Account, segment=large, touch_model="low", name="D"),
        "unknown": baker.make(Account, segment=None, name="E"),
    }
    expected = dict(zip(accounts, [everybody, high, larges, large_low, everybody], strict=True))
    with django_assert_num_queries(3):
        found = templates.best_templates(accounts.values())
    assert found == {accounts[name].pk: version for name, version in expected.items()}
    templates.retire(everybody.template)
    assert templates.best_template(accounts["small"]) is None
    templates.bring_back(everybody.template)
    assert templates.best_template(accounts["small"]) == everybody


@pytest.mark.parametrize(("name", "models"), [("", ()), ("x" * 121, ()), ("Fine", ("extreme",))])
def test_a_template_without_a_name_or_for_an_unknown_touch_model_is_refused(draft, name: str, models: tuple) -> None:
    with pytest.raises(DomainError):
        templates.create_template(name, touch_models=models)
    with pytest.raises(DomainError):
        templates.change_template(draft.template, name=name, segments=[], touch_models=models)


# What an installation starts with ---------------------------------------------------------------------


def test_a_new_installation_has_a_template_for_each_touch_model_in_every_language(settings) -> None:
    versions = TemplateVersion.objects.published().select_related("template")
    found = {version.template.key: version for version in versions}
    assert {key: version.template.touch_models for key, version in found.items()} == {
        "low": ["low"],
        "mid": ["mid"],
        "high": ["high"],
    }
    for version in found.values():
        steps = list(version.steps.all())
        assert 7 <= len(steps) <= 9
        assert sum(step.activation for step in steps) == 1
        for step in steps:
            texts = [templates.text_of(step, code) for code, _name in settings.LANGUAGES]
            assert [text.language for text in texts] == ["en", "fr", "ro"]
            assert len({text.title for text in texts}) == 3
            assert all(text.text.strip() and "#" not in text.text for text in texts)


def test_templates_of_ones_own_are_left_alone() -> None:
    ChecklistTemplate.objects.update(retired_at=timezone.now())
    install_defaults()
    assert ChecklistTemplate.objects.count() == 3
    assert not ChecklistTemplate.objects.filter(retired_at=None).exists()
