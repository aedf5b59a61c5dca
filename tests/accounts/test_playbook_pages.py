"""The playbook editor: list, edit, switch off asking about what is open, try without effect; parked deliveries."""

import pytest
from django.utils import timezone
from model_bakery import baker

from accounts.enums import PlaybookState
from accounts.models import Account, Activity, Delivery, FollowUp, Playbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def playbook() -> Playbook:
    return Playbook.objects.create(
        key="lost-money",
        name="Lost money",
        state=PlaybookState.ON,
        trigger="mrr.contracted",
        title="Call {account}",
        conditions=[{"field": "account.mrr", "op": "gte", "value": "500"}],
        steps=["Look", "Call"],
        texts=[{"name": "Mail", "subject": "Hello", "body": "We saw that."}],
        cool_down_days=3,
    )


def filled(page) -> dict[str, object]:
    """The form as the page shows it, ready to be sent back."""
    data: dict[str, object] = {"seen": page.context["seen"]}
    for form in [page.context["form"], *(f for name in ("conditions", "texts", "closing") for f in page.context[name])]:
        for bound in form:
            value = bound.value()
            data[bound.html_name] = "" if value is None else value
    data |= {"promise": "", "pool": []}
    for name in ("conditions", "texts", "closing"):
        for bound in page.context[name].management_form:
            data[bound.html_name] = bound.value()
    return data


def test_saving_the_form_as_shown_changes_nothing(alice, playbook, signed_in):
    browser, address = signed_in(alice), f"/settings/playbooks/{playbook.pk}/"
    before = Playbook.objects.filter(pk=playbook.pk).values().get()

    saved = browser.post(address, filled(browser.get(address)))
    after = Playbook.objects.filter(pk=playbook.pk).values().get()

    assert saved.status_code == 302
    assert {k: v for k, v in after.items() if k != "updated_at"} == {
        k: v for k, v in before.items() if k != "updated_at"
    }


def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved(alice, playbook, signed_in):
    browser, address = signed_in(alice), f"/settings/playbooks/{playbook.pk}/"
    data = filled(browser.get(address)) | {"title": "Call {nobody}", "when-0-value": "much"}

    answer = browser.post(address, data)
    playbook.refresh_from_db()

    assert answer.status_code == 422
    assert answer.context["form"]["title"].value() == "Call {nobody}"
    assert list(answer.context["form"].errors) == ["__all__", "title"]
    assert answer.context["form"].errors["__all__"] == ["Condition 1: “MRR” is compared with a number."]
    assert playbook.title == "Call {account}"


def test_two_admins_at_once_the_second_is_told(alice, playbook, signed_in):
    browser, address = signed_in(alice), f"/settings/playbooks/{playbook.pk}/"
    data = filled(browser.get(address))
    assert browser.post(address, data | {"name": "First"}).status_code == 302

    second = browser.post(address, data | {"name": "Second"})
    playbook.refresh_from_db()

    assert second.status_code == 422
    assert second.context["form"].non_field_errors() == [
        "Somebody else has changed this playbook meanwhile. Load it again to see how."
    ]
    assert playbook.name == "First"


@pytest.mark.parametrize("made_up", ["", "never", "2026-13-45T99:99", "2999-01-01", "\0"])
def test_who_has_not_read_it_does_not_overwrite_it(made_up, alice, playbook, signed_in):
    browser, address = signed_in(alice), f"/settings/playbooks/{playbook.pk}/"
    data = filled(browser.get(address)) | {"name": "Second", "seen": made_up}

    assert browser.post(address, data).status_code == 422
    playbook.refresh_from_db()

    assert playbook.name == "Lost money"


def test_who_mends_a_mistake_has_still_read_what_was_there_before(alice, playbook, signed_in):
    browser, address = signed_in(alice), f"/settings/playbooks/{playbook.pk}/"
    data = filled(browser.get(address))
    browser.post(address, data | {"name": "First"})

    wrong = browser.post(address, data | {"name": "Second", "title": "Call {nobody}"})
    mended = browser.post(address, filled(wrong) | {"title": "Call"})
    playbook.refresh_from_db()

    assert "Somebody else has changed" in mended.context["form"].non_field_errors()[0]
    assert playbook.name == "First"


def test_a_new_one_starts_as_a_draft(alice, signed_in):
    answer = signed_in(alice).post("/settings/playbooks/add/", {"name": "Trial, ending", "trigger": "trial.ending"})
    made = Playbook.objects.get(name="Trial, ending")

    assert answer.headers["Location"] == f"/settings/playbooks/{made.pk}/"
    assert (made.key, made.state, made.trigger) == ("trial-ending", "draft", "trial.ending")


@pytest.mark.parametrize(("choice", "left"), [("keep", "open"), ("cancel", "canceled")])
def test_switching_off_asks_what_becomes_of_open_follow_ups(choice, left, alice, playbook, signed_in):
    follow_up = baker.make(
        FollowUp, account=baker.make(Account, name="Acme"), playbook=playbook, title="Call Acme", due_at=timezone.now()
    )
    browser = signed_in(alice)

    nothing_said = browser.post(f"/settings/playbooks/{playbook.pk}/off/")
    playbook.refresh_from_db()
    assert (nothing_said.status_code, playbook.state) == (422, "on")

    browser.post(f"/settings/playbooks/{playbook.pk}/off/", {"open_follow_ups": choice})
    playbook.refresh_from_db()
    follow_up.refresh_from_db()
    assert (playbook.state, follow_up.status) == ("off", left)


def test_a_trial_says_what_would_happen_and_opens_nothing(marc, playbook, signed_in):
    baker.make(Account, name="Acme", external_id="a-1", mrr=900)
    baker.make(Account, name="Tiny", external_id="a-2", mrr=10)
    browser = signed_in(marc)

    acme = browser.get(f"/settings/playbooks/{playbook.pk}/try/", {"account": "acme"})
    tiny = browser.get(f"/settings/playbooks/{playbook.pk}/try/", {"account": "a-2"})
    none = browser.get(f"/settings/playbooks/{playbook.pk}/try/", {"account": "<script>"})

    assert acme.context["trial"].opens
    assert acme.context["trial"].title == "Call Acme"
    assert not tiny.context["trial"].opens
    assert none.status_code == 422
    assert "There is no account of that name or id." in none.content.decode()
    assert not FollowUp.objects.exists()


def test_a_manager_reads_a_playbook_but_does_not_change_it(marc, playbook, signed_in):
    browser, address = signed_in(marc), f"/settings/playbooks/{playbook.pk}/"

    page = browser.get(address)
    browser.post(address, filled(page) | {"name": "Mine"})
    playbook.refresh_from_db()

    assert "Call {account}" in page.content.decode()
    assert 'name="due_hours"' not in page.content.decode()
    assert playbook.name == "Lost money"
    assert browser.post(f"/settings/playbooks/{playbook.pk}/on/").status_code == 404


def test_a_parked_delivery_is_shown_with_its_error_and_tried_again(alice, marc, signed_in):
    activity = baker.make(
        Activity,
        account=baker.make(Account, name="Acme"),
        kind="note.written",
        data={"text": "x"},
        dispatched_at=timezone.now(),
    )
    delivery = Delivery.objects.create(
        activity=activity, subscriber="reaction:health.mark", status="parked", attempts=5, note="<b>It broke</b>"
    )

    page = signed_in(marc).get("/settings/deliveries/").content.decode()
    assert "Acme" in page
    assert "&lt;b&gt;It broke&lt;/b&gt;" in page
    assert "Try again" not in page
    assert signed_in(marc).post(f"/settings/deliveries/{delivery.pk}/again/").status_code == 404

    signed_in(alice).post(f"/settings/deliveries/{delivery.pk}/again/")
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("failed", 0)
