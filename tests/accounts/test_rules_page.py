"""Settings, Rules: the numbers by group, refused with a sentence each, reset, and who changed them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain import rules
from accounts.models import AuditEntry
from accounts.registry import rule_groups, rules as registered

pytestmark = pytest.mark.django_db
PAGE = "/settings/rules/queue/"


def fields(html: str) -> dict[str, str]:
    """All that a browser would send back."""
    return dict(re.findall(r'<input[^>]*? name="([a-z_.-]+)" value="([^"]*)"', html))


@pytest.fixture
def admin(signed_in, alice):
    return signed_in(alice)


def send(browser, path=PAGE, **changed):
    form = fields(browser.get(path).content.decode())
    return browser.post(path, form | {key.replace("__", "."): value for key, value in changed.items()})


def test_every_rule_has_a_place_and_a_default_that_may_be() -> None:
    for rule in registered:
        assert rule.group in rule_groups, rule.key
        assert rules.read(rule, rule.default) == rule.default, rule.key
    for group in rule_groups:
        found = {rule.key: rule.default for rule in registered if rule.group == group.key}
        assert not (group.check and group.check(found)), group.key


def test_it_shows_what_holds_and_what_the_default_is(admin) -> None:
    rules.change({"queue.loss_red": 50})
    html = admin.get("/settings/rules/").content.decode()
    assert "Order of the queue" in html
    assert fields(html)["queue.loss_red"] == "50"
    assert "default 40" in html
    assert html.count('name="reset"') == 1


def test_what_was_typed_is_kept_in_force_and_told(admin, alice) -> None:
    response = send(admin, queue__loss_red="45", queue__near_days=" 21 ")
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert (rules.number("queue.loss_red"), rules.number("queue.near_days")) == (45, 21)
    assert rules.number("queue.loss_yellow") == 15
    entries = AuditEntry.objects.filter(kind="accounts.rulevalue").order_by("name")
    assert [(e.name, e.after, e.user_id) for e in entries] == [
        ("queue.loss_red", {"value": 45}, alice.pk),
        ("queue.near_days", {"value": 21}, alice.pk),
    ]
    assert "2 rules are changed." in (html := admin.get(PAGE).content.decode())
    assert "Alice," in html
    assert "Chance that a red customer leaves" in admin.get("/settings/audit/").content.decode()


def test_bad_values_are_refused_each_with_its_sentence_and_nothing_is_kept(admin) -> None:
    response = send(admin, queue__loss_red="140", queue__near_days="soon", queue__loss_green="7")
    html = response.content.decode()
    assert response.status_code == 422
    assert re.findall(r'id="error-([^"]+)">([^<]+)', html) == [
        ("queue-loss_red", "From 0 to 100."),
        ("queue-near_days", "Give a whole number."),
    ]
    assert [fields(html)[f"queue.{name}"] for name in ("loss_red", "near_days", "loss_green")] == ["140", "soon", "7"]
    assert rules.number("queue.loss_green") == 5


def test_what_does_not_go_together_is_said_beside_the_field(admin) -> None:
    response = send(admin, "/settings/rules/renewals/", renewals__intent_latest="60")
    assert response.status_code == 422
    assert "Fewer days than those on which they are asked." in response.content.decode()


def test_back_to_the_default(admin) -> None:
    rules.change({"queue.loss_red": 50})
    assert admin.post(PAGE, {"reset": "queue.loss_red"}).status_code == 302
    assert rules.number("queue.loss_red") == 40
    assert admin.post(PAGE, {"reset": "queue.gone"}).status_code == 404
    assert admin.post(PAGE, {"reset": "pressure.days"}).status_code == 404  # of another group


def test_two_admins_on_one_page(admin) -> None:
    form = fields(admin.get(PAGE).content.decode())
    rules.change({"queue.loss_red": 50})
    assert admin.post(PAGE, form | {"queue.loss_yellow": "20"}).status_code == 302
    assert (rules.number("queue.loss_red"), rules.number("queue.loss_yellow")) == (50, 20)
    refused = admin.post(PAGE, form | {"queue.loss_red": "60"})
    assert (refused.status_code, rules.number("queue.loss_red")) == (409, 50)
    assert "Somebody else has changed one of these rules" in refused.content.decode()


@pytest.mark.parametrize(
    "form", [{}, {"queue.loss_red": "41"}, {"queue.loss_red": "x\x00", "seen-queue.loss_red": "y"}]
)
def test_a_form_that_is_not_ours_breaks_nothing(admin, form) -> None:
    assert admin.post(PAGE, form).status_code in {302, 422}


def test_others_look_or_see_nothing(signed_in, marc, chloe) -> None:
    manager = signed_in(marc)
    html = manager.get(PAGE).content.decode()
    assert ("disabled" in html, 'name="reset"' in html) == (True, False)
    assert manager.post(PAGE, {"queue.loss_red": "1"}).status_code == 200
    assert rules.number("queue.loss_red") == 40
    assert signed_in(chloe).get(PAGE).status_code == 404
    assert manager.get("/settings/rules/nothing/").status_code == 404


def test_as_many_queries_for_changed_rules_as_for_none(admin) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            admin.get(PAGE)
        return len(queries)

    admin.get(PAGE)
    bare = count()
    rules.change({rule.key: 30 for rule in registered if rule.group == "queue"})
    count()
    assert count() <= bare + 1  # who it was
