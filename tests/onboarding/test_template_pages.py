"""Settings of checklist templates: the editor keeps what is typed, and nothing is published by accident."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from model_bakery import baker

from accounts.models import Account, Segment
from health.models import Action
from onboarding.domain import checklists, templates
from onboarding.models import ChecklistTemplate, SessionType, TemplateVersion
from tests.onboarding.test_template_applying import follower

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(alice, signed_in) -> Client:
    return signed_in(alice)


@pytest.fixture(scope="module")
def basics(shared) -> int:
    """Two steps, published."""
    template = templates.create_template("Basics")
    steps = [
        {"key": "a", "texts": {"en": {"title": "Begin"}}},
        {"key": "b", "texts": {"en": {"title": "Go on"}}, "after": ["a"]},
    ]
    templates.publish(templates.save_draft(templates.draft_of(template), steps))
    return template.pk


@pytest.fixture
def template(basics) -> ChecklistTemplate:
    return ChecklistTemplate.objects.get(pk=basics)


def page(name: str, row: Any) -> str:
    return reverse(f"onboarding:{name}", args=[row.pk])


def fields(key: str, **values: Any) -> dict[str, Any]:
    """A step as the open editor posts it."""
    given = {
        "here": "1", "title_en": key.capitalize(), "owner": "customer", "offset": "1", "offset_unit": "calendar",
        "duration": "1", "weight": "1", "required": "on", "auto_count": "1",
    } | values  # fmt: skip
    return {f"{key}-{name}": value for name, value in given.items()}


def save(browser: Client, template: ChecklistTemplate, **data: Any) -> Any:
    draft = template.versions.filter(status="draft").first()
    seen = draft.changed_at.isoformat() if draft else ""
    return browser.post(page("template_edit", template), {"seen": seen, "step": ["a", "b"], "do": "save", **data})


def draft_of(template: ChecklistTemplate) -> list[tuple[str, str, list[str]]]:
    draft = template.versions.get(status="draft")
    return [(step.key, templates.text_of(step).title, step.after) for step in draft.steps.all()]


# The editor -------------------------------------------------------------------------------------------


def test_looking_at_the_editor_begins_no_draft(browser, template) -> None:
    baker.make(Action, key="task_done", name="Task done")
    answer = browser.get(page("template_edit", template))
    assert answer.status_code == 200
    assert '<option value="task_done">Task done</option>' in answer.content.decode()
    assert template.versions.count() == 1


def test_saving_makes_a_draft_steps_that_were_not_opened_stay(browser, template) -> None:
    answer = save(browser, template, **fields("b", title_fr="Continuer", text_en="**Now**", after=["a"]))
    assert answer.status_code == 302
    assert draft_of(template) == [("a", "Begin", []), ("b", "B", ["a"])]
    step = template.versions.get(status="draft").steps.get(key="b")
    assert step.texts == {"en": {"title": "B", "text": "**Now**"}, "fr": {"title": "Continuer", "text": ""}}


def test_steps_are_moved_added_and_taken_out_without_javascript(browser, template) -> None:
    answer = save(browser, template, do="down:a")
    assert answer["Location"].endswith("?open=a#step-a")
    assert [key for key, _title, _after in draft_of(template)] == ["b", "a"]
    answer = save(browser, template, step=["b", "a"], do="add", new="Très bien", **{"in": "fr"})
    assert answer["Location"].endswith("?open=tres-bien&in=fr#step-tres-bien")
    assert draft_of(template)[-1] == ("tres-bien", "Très bien", [])
    save(browser, template, step=["b", "a", "tres-bien"], do="remove:a")
    assert draft_of(template) == [("b", "Go on", []), ("tres-bien", "Très bien", [])]
    answer = save(browser, template, step=["b", "tres-bien"], do="add", new=" ")
    assert (answer.status_code, "Say what the new step is called" in answer.content.decode()) == (422, True)


def test_what_is_wrong_stands_at_its_step_and_what_was_typed_stays(browser, template) -> None:
    bad = fields("a", title_en="", text_fr="Sans titre", offset="x", video_url="javascript:alert(1)")
    answer = save(browser, template, **bad, **fields("b", after=["a"], title_en="Kept as typed"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Something is wrong with 1 step" in html
    # All of it at once, by the name that the step has so far.
    for told in ("Enter a whole number", "beginning with https://", "A text without a title", '#step-a">Begin</a>'):
        assert told in html
    assert "Kept as typed" in html
    assert template.versions.count() == 1
    assert 'id="in-fr" checked' in html  # the language in which something is wrong


def test_a_step_that_was_not_opened_says_that_it_is_the_activation_already(browser, template) -> None:
    save(browser, template, **fields("b", activation="on"))
    answer = save(browser, template, **fields("a", activation="on"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Only one step can be the activation: “A” is it already." in html
    assert 'name="b-here"' in html  # it is open, as it is stored
    assert re.search('<input [^>]*name="b-activation"[^>]* checked', html)
    assert list(template.versions.get(status="draft").steps.values_list("activation", flat=True)) == [False, True]


def test_a_circle_is_told_by_the_titles_on_the_page(browser, template) -> None:
    answer = save(browser, template, **fields("a", after=["b"]), **fields("b", after=["a"]))
    assert answer.status_code == 422
    assert "These steps wait for each other in a circle" in answer.content.decode()


def test_the_second_admin_is_told_and_nothing_is_overwritten(browser, template, alice) -> None:
    templates.draft_of(template, by=alice)
    answer = browser.post(
        page("template_edit", template), {"seen": "", "step": ["a"], "do": "save", **fields("a", title_en="Mine")}
    )
    assert (answer.status_code, "Somebody has begun a draft" in answer.content.decode()) == (409, True)
    assert "Mine" in answer.content.decode()
    old = "2026-01-01T00:00:00+00:00"
    answer = browser.post(page("template_edit", template), {"seen": old, "step": ["a"], "do": "save", **fields("a")})
    assert (answer.status_code, "Alice has saved this draft meanwhile" in answer.content.decode()) == (409, True)
    for way in ("version_publish", "version_drop"):
        for made_up in ({}, {"seen": "never"}, {"seen": old}):
            draft = template.versions.get(status="draft")
            assert browser.post(page(way, draft), {"note": "", **made_up}).status_code == 409
    assert len(draft_of(template)) == 2


@pytest.mark.parametrize("pressed", [{"do": "open:b"}, {"do": "add", "new": ""}, {"a-title_en": ""}])
def test_what_was_begun_before_somebody_saved_does_not_overwrite_it(pressed, browser, template, alice) -> None:
    draft = templates.draft_of(template)
    typed = {"step": ["a"], "do": "save", **fields("a", title_en="Mine")}
    old = draft.changed_at.isoformat()
    templates.save_draft(draft, [{"key": "hers", "texts": {"en": {"title": "Hers"}}}], by=alice)

    shown = browser.post(page("template_edit", template), {"seen": old, **typed, **pressed})
    answer = browser.post(page("template_edit", template), {"seen": shown.context["seen"], **typed})

    assert (answer.status_code, draft_of(template)) == (409, [("hers", "Hers", [])])


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"step": ["a", "a", "nobody", "<script>"], "do": "up:nobody"},
        {"step": ["a"], "do": "explode", "seen": "never"},
        {"step": [f"s{n}" for n in range(500)], "do": "save"},
        {"step": ["a"], "a-here": "1", "a-after": ["a", "zz"], "a-session_type": "9" * 30, "a-weight": "9" * 400},
        {"step": ["x" * 300], f"{'x' * 300}-here": "1", "do": "add", "new": "x" * 5000},
        {"step": ["a\x00b"], "a\x00b-here": "1", "a\x00b-title_en": "\x00", "do": "save"},
    ],
)
def test_whatever_is_posted_is_answered(browser, template, data: dict[str, Any]) -> None:
    assert browser.post(page("template_edit", template), data).status_code in {302, 409, 422}


def test_a_step_is_fetched_when_it_is_opened(browser, template) -> None:
    address = reverse("onboarding:template_step", args=[template.pk, "b"])
    assert browser.get(address)["Location"].endswith("?open=b#step-b")
    html = browser.get(address, headers={"HX-Request": "true"}).content.decode()
    assert 'name="b-title_en" value="Go on"' in html
    gone = reverse("onboarding:template_step", args=[template.pk, "gone"])
    assert browser.get(gone, headers={"HX-Request": "true"}).status_code == 404


def test_a_text_is_shown_as_it_will_look(browser) -> None:
    address = reverse("onboarding:template_text") + "?of=a&in=en"
    html = browser.post(address, {"a-text_en": "**Bold** <b>x</b>"}, headers={"HX-Request": "true"}).content.decode()
    assert "<strong>Bold</strong> &lt;b&gt;x&lt;/b&gt;" in html
    assert "Nothing written yet" in browser.post(address, {}).content.decode()


# Round it ---------------------------------------------------------------------------------------------


def test_the_list_says_for_whom_which_version_and_how_many_run(browser, template, django_assert_num_queries) -> None:
    first = templates.latest_of(template)
    account = baker.make(Account, name="Acme", stage="onboarding", time_zone="UTC")
    checklists.start(account, first, by=None)
    follower(first, {"key": "a", "texts": {"en": {"title": "Only"}}})
    html = browser.get(reverse("onboarding:templates")).content.decode()
    assert "1 on an older version" in html
    assert "Guided start" in html
    with django_assert_num_queries(5):
        browser.get(reverse("onboarding:templates"))
    for n in range(20):
        templates.create_template(f"More {n}")
    with django_assert_num_queries(5):
        browser.get(reverse("onboarding:templates"))


def test_from_a_new_template_to_its_first_version(browser) -> None:
    segment = baker.make(Segment, key="small", name="Small business")
    like = ChecklistTemplate.objects.get(key="low")
    add = reverse("onboarding:template_add")
    assert browser.post(add, {"name": ""}).status_code == 422
    answer = browser.post(
        add, {"name": "Small start", "segments": [segment.pk], "touch_models": ["low"], "like": like.pk}
    )
    template = ChecklistTemplate.objects.get(name="Small start")
    assert answer["Location"] == page("template_edit", template)
    draft = template.versions.get()
    assert draft.steps.count() == 7
    html = browser.get(page("version_publish", draft)).content.decode()
    assert "The first version" in html
    answer = browser.post(page("version_publish", draft), {"note": "Begun", "seen": draft.changed_at.isoformat()})
    assert answer["Location"] == page("template", template)
    assert "Begun" in browser.get(page("template", template)).content.decode()


def test_publishing_shows_what_is_different_and_leads_to_those_that_run(browser, template) -> None:
    account = baker.make(Account, name="Acme", stage="onboarding", time_zone="UTC")
    checklist = checklists.start(account, templates.latest_of(template), by=None)
    baker.make(Action, key="import_done")
    save(
        browser, template, **fields("a", title_en="Begin", auto_action="import_done"),
        **fields("b", title_en="Go on", title_fr="Continuer", weight="4", auto_action="import_dnoe"),
    )  # fmt: skip
    draft = template.versions.get(status="draft")
    html = browser.get(page("version_publish", draft)).content.decode()
    assert "1 running checklist stays as it is" in html
    assert "No step is the activation" in html
    assert html.count("<code>import_d") == html.count("<code>import_dnoe</code>") == 1
    answer = browser.post(page("version_publish", draft), {"note": "x" * 401})
    assert answer.status_code == 422
    answer = browser.post(page("version_publish", draft), {"note": "", "seen": "2026-01-01T00:00:00+00:00"})
    assert (answer.status_code, "saved this draft meanwhile" in answer.content.decode()) == (409, True)
    answer = browser.post(page("version_publish", draft), {"note": "", "seen": draft.changed_at.isoformat()})
    assert answer["Location"] == page("version_apply", draft)
    html = browser.get(page("version_apply", draft)).content.decode()
    assert "Acme" in html
    assert browser.post(page("version_apply", draft), {"which": "chosen"}).status_code == 422
    assert (
        browser.post(page("version_apply", draft), {"which": "chosen", "ids": ["x", "9" * 40, "0"]}).status_code == 409
    )
    answer = browser.post(page("version_apply", draft), {"which": "chosen", "ids": [checklist.pk]})
    assert answer["Location"] == page("template", template)
    checklist.refresh_from_db()
    assert checklist.version == draft
    assert "Everybody is on this version" in browser.get(page("version_apply", draft)).content.decode()


def test_an_older_version_comes_back_and_a_draft_can_be_dropped(browser, template) -> None:
    first = templates.latest_of(template)
    follower(first, {"key": "a", "texts": {"en": {"title": "Only"}}})
    browser.post(page("version_again", first))
    assert templates.latest_of(template).number == 3
    save(browser, template)
    draft = template.versions.get(status="draft")
    browser.post(page("version_drop", draft), {"seen": draft.changed_at.isoformat()})
    assert not template.versions.filter(status="draft").exists()


def test_a_retired_template_comes_back(browser, template) -> None:
    browser.post(page("template_retire", template))
    assert templates.best_template(baker.make(Account, touch_model="")) != templates.latest_of(template)
    assert "1 retired template" in browser.get(reverse("onboarding:templates")).content.decode()
    browser.post(page("template_back", template))
    template.refresh_from_db()
    assert template.retired_at is None


def test_whom_it_is_for_is_changed_in_place(browser, template) -> None:
    segment = baker.make(Segment, key="small", name="Small business")
    browser.post(
        page("template", template), {"name": "Basics", "segments": [segment.pk], "touch_models": ["mid", "low"]}
    )
    template.refresh_from_db()
    assert (template.touch_models, list(template.segments.all())) == (["low", "mid"], [segment])
    answer = browser.post(page("template", template), {"name": "", "touch_models": ["extreme"]})
    assert answer.status_code == 422


def test_it_is_seen_as_customers_of_each_language_will(browser, template) -> None:
    kickoff = baker.make(SessionType, slug="kickoff", texts={})
    steps = [
        {"key": "a", "texts": {"fr": {"title": "Bonjour", "text": "# Là"}}, "session_type": kickoff},
        {"key": "b", "texts": {"en": {"title": "Hello"}}, "video_url": "https://video.example/1", "after": ["a"]},
    ]
    draft = templates.save_draft(templates.draft_of(template), steps)
    html = browser.get(page("version", draft) + "?in=fr").content.decode()
    assert '<h2 class="step-title" lang="fr">Bonjour</h2>' in html
    assert '<h2 class="step-title" lang="en">Hello</h2>' in html
    assert html.count("not translated") == 1
    assert browser.get(page("version", draft) + "?in=<x>").status_code == 200


def test_who_may_only_look_sees_no_way_to_change(template, marc, signed_in) -> None:
    browser = signed_in(marc)
    html = browser.get(page("template", template)).content.decode()
    assert 'name="name"' not in html
    browser.post(page("template", template), {"name": "Hijacked"})
    template.refresh_from_db()
    assert template.name == "Basics"
    assert TemplateVersion.objects.filter(template=template, status="draft").count() == 0


# Touch model on the account page ----------------------------------------------------------------------


def test_the_account_page_says_which_touch_model_and_why(chloe, signed_in) -> None:
    acme = baker.make(Account, name="Acme", external_id="acme", csm=chloe, mrr=1000)
    browser = signed_in(chloe)
    html = browser.get(page("touch", acme)).content.decode()
    assert "usual in the segment" in html
    choose = page("touch_choose", acme)
    form = browser.get(choose).content.decode()
    assert [form.count(f'name="{name}"') for name in ("model", "reason")] == [3, 1]
    assert browser.post(choose, {"model": "high", "reason": ""}).status_code == 422
    assert browser.post(choose, {"model": "extreme", "reason": "x"}).status_code == 422
    answer = browser.post(choose, {"model": "low", "reason": "They know <b>us</b>"}, headers={"HX-Request": "true"})
    assert answer["HX-Trigger"].startswith("account-changed") or "account-changed" in answer["HX-Trigger"]
    html = browser.get(page("touch", acme)).content.decode()
    assert "They know &lt;b&gt;us&lt;/b&gt;" in html
    assert "Recommended was: High touch." in html
    assert "contract: $12,000 a year" in html


def test_one_that_was_never_published_has_its_page(browser) -> None:
    template = templates.create_template("Basics")
    answer = browser.get(page("template", template))
    assert (answer.status_code, answer.context["versions"]) == (200, [])
    assert page("version_drop", answer.context["draft"]) in answer.content.decode()
