import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from accounts.domain.accounts import upsert_account
from accounts.domain.contacts import upsert_contact
from accounts.models import Account, Activity, Contact, SavedView, User
from tests.accounts.customers import HOSTILE, account, listed, segment
from tests.accounts.spine import told

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "composer"}


def call(**changed) -> dict:
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    return {"summary": "They want roles.", "minutes": "20", "occurred_at": now, "two_way": "on", **changed}


# Calls and notes ------------------------------------------------------------------------------------


def test_a_call_is_logged_without_javascript(signed_in, cyril) -> None:
    row = account()
    ana = Contact.objects.create(account=row, name="Ana", email="ana@x.example")
    response = signed_in(cyril).post(f"/accounts/{row.pk}/calls/new/", call(contact=ana.pk))
    assert (response.status_code, response["Location"]) == (302, f"/accounts/{row.pk}/")
    assert told(row) == [
        ("call.logged", {"contact": "Ana", "minutes": 20, "summary": "They want roles.", "two_way": True})
    ]
    assert row.activities.get().actor == cyril
    row.refresh_from_db()
    assert timezone.now() - row.last_contact_at < timedelta(minutes=2)


def test_by_htmx_the_form_goes_and_the_page_hears_of_it(signed_in, cyril) -> None:
    row = account()
    response = signed_in(cyril).post(f"/accounts/{row.pk}/notes/new/", {"text": "Two\nlines"}, headers=HTMX)
    assert (response.status_code, response.content) == (200, b"")
    assert "account-changed" in response["HX-Trigger"]
    assert "Note saved" in response["HX-Trigger"]
    assert told(row) == [("note.written", {"text": "Two\nlines"})]


def test_forms_come_as_a_page_and_as_a_fragment(signed_in, cyril) -> None:
    row = account()
    for form in ("calls/new/", "notes/new/"):
        assert b"<html" in signed_in(cyril).get(f"/accounts/{row.pk}/{form}").content
        assert b"<html" not in signed_in(cyril).get(f"/accounts/{row.pk}/{form}", headers=HTMX).content


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"summary": ""}, "Write a line about it."),
        ({"summary": "x" * 10_001}, "at most 10000 characters"),
        ({"minutes": "-1"}, "greater than or equal to 0"),
        ({"minutes": "1e9"}, "Enter a whole number."),
        ({"minutes": "1441"}, "less than or equal to 1440"),
        ({"occurred_at": ""}, "Say when it was."),
        ({"occurred_at": "yesterday"}, "This is not a time."),
        ({"occurred_at": "0001-01-01T00:00"}, "This is too long ago."),
        ({"occurred_at": "2099-01-01T00:00"}, "has not happened yet cannot be logged"),
        ({"contact": "999999"}, "Select a valid choice."),
        ({"contact": "x\0"}, "Null characters are not allowed."),
        ({"summary": "nul \0"}, "Null characters are not allowed."),
    ],
)
def test_a_bad_call_comes_back_with_its_sentence(signed_in, cyril, changed, sentence) -> None:
    row = account()
    for headers in ({}, HTMX):
        response = signed_in(cyril).post(f"/accounts/{row.pk}/calls/new/", call(**changed), headers=headers)
        assert response.status_code == 422
        assert sentence in response.content.decode()
    assert not Activity.objects.exists()


def test_the_contact_of_another_account_is_no_choice(signed_in, cyril) -> None:
    other = Contact.objects.create(account=account("Other"), name="Eve", email="eve@x.example")
    response = signed_in(cyril).post(f"/accounts/{account().pk}/calls/new/", call(contact=other.pk))
    assert response.status_code == 422


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_an_empty_note_is_none(signed_in, cyril, text) -> None:
    row = account()
    assert signed_in(cyril).post(f"/accounts/{row.pk}/notes/new/", {"text": text}).status_code == 422
    assert told(row) == []


def test_hostile_notes_come_back_as_they_went_in(signed_in, cyril) -> None:
    row = account()
    client = signed_in(cyril)
    for text in HOSTILE:
        client.post(f"/accounts/{row.pk}/notes/new/", {"text": text})
    assert [data["text"] for _kind, data in told(row)] == list(HOSTILE)


def test_viewers_write_nothing(signed_in, vera) -> None:
    row = account()
    for form, data in (("calls/new/", call()), ("notes/new/", {"text": "x"}), ("edit/", {}), ("contacts/new/", {})):
        assert signed_in(vera).post(f"/accounts/{row.pk}/{form}", data).status_code == 404
    assert told(row) == []


def test_other_methods_are_refused(signed_in, alice) -> None:
    row, client = account(), signed_in(alice)
    for url in ("", f"{row.pk}/", "search/", "export.csv", f"{row.pk}/timeline/"):
        assert client.post(f"/accounts/{url}").status_code == 405
    assert client.get("/accounts/assign/").status_code == 405
    assert client.delete(f"/accounts/{row.pk}/notes/new/").status_code == 405


# The account itself ---------------------------------------------------------------------------------


def fields(**changed) -> dict:
    return {"name": "Acme", "stage": "active", "time_zone": "UTC", **changed}


def test_an_account_is_edited(signed_in, chloe) -> None:
    small = segment("Small")
    row = account("Acme", csm=chloe, custom={"Region": "EMEA", "Number": 7, "Gone": "x", "Deep": {"a": [1]}})
    data = fields(
        name="Acme Ltd", segment=small.pk, stage="onboarding", domain="https://Acme.example/", country="France"
    )
    data |= {
        "custom-0-name": "Region",
        "custom-0-value": "APAC",
        "custom-1-name": "Number",
        "custom-1-value": "7",
        "custom-2-name": "Gone",
        "custom-2-value": "",
        "custom-3-name": "New",
        "custom-3-value": "one",
    }
    response = signed_in(chloe).post(f"/accounts/{row.pk}/edit/", data)
    assert response["Location"] == f"/accounts/{row.pk}/"
    row.refresh_from_db()
    assert (row.name, row.domain, row.segment, row.stage, row.csm) == (
        "Acme Ltd",
        "acme.example",
        small,
        "onboarding",
        chloe,
    )
    assert row.custom == {"Deep": {"a": [1]}, "Region": "APAC", "Number": 7, "New": "one"}
    assert [kind for kind, _data in told(row)] == ["account.stage_changed", "account.updated"]


def test_saving_what_is_there_changes_nothing(signed_in, marc, chloe) -> None:
    gone = User.objects.create_user("gone@x.example", name="Gone", is_active=False)
    row = account("Acme", csm=gone, custom={"A": 1, "B": None, "C": "x"}, domain="acme.example")
    client = signed_in(marc)
    form = client.get(f"/accounts/{row.pk}/edit/").context["form"]
    data = {bound.html_name: bound.value() or "" for bound in form}
    data |= {f"custom-{r.number}-{p}": getattr(r, p) for r in form.custom.rows for p in ("name", "value")}
    assert client.post(f"/accounts/{row.pk}/edit/", data).status_code == 302
    before = (row.csm_id, row.domain)
    row.refresh_from_db()
    assert (row.csm_id, row.domain) == before
    assert {k: v for k, v in row.custom.items() if v is not None} == {"A": 1, "C": "x"}


def test_what_others_have_changed_meanwhile_stays(signed_in, marc) -> None:
    row = account("Acme", country="France", custom={"Seats": 5, "Region": "EU"})
    client = signed_in(marc)
    page = client.get(f"/accounts/{row.pk}/edit/").text
    data = {
        unescape(name): unescape(value)
        for name, value in re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page)
    }
    data |= {"stage": "active", "time_zone": "UTC"}
    upsert_account(row.external_id, by="Program", name="Acme Ltd", custom={"Seats": 9, "Region": "EU", "Owner": "Bo"})

    data |= {"country": "Spain", "custom-1-value": "APAC"}
    assert client.post(f"/accounts/{row.pk}/edit/", data).status_code == 302

    row.refresh_from_db()
    assert (row.name, row.country) == ("Acme Ltd", "Spain")
    assert row.custom == {"Seats": 9, "Region": "APAC", "Owner": "Bo"}


def test_only_who_may_assign_sees_the_csm(signed_in, marc, chloe, cyril) -> None:
    row = account(csm=chloe)
    client = signed_in(chloe)
    assert b'name="csm"' not in client.get(f"/accounts/{row.pk}/edit/").content
    client.post(f"/accounts/{row.pk}/edit/", fields(csm=cyril.pk))
    row.refresh_from_db()
    assert row.csm == chloe
    signed_in(marc).post(f"/accounts/{row.pk}/edit/", fields(csm=cyril.pk))
    row.refresh_from_db()
    assert row.csm == cyril


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "Give the account a name."),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"domain": "two words"}, "is no domain name"),
        ({"stage": "dancing"}, "Select a valid choice."),
        ({"time_zone": "Mars/Base"}, "Select a valid choice."),
        ({"segment": "999999"}, "Select a valid choice."),
        ({"started_on": "soon"}, "Enter a valid date."),
        ({"started_on": "0001-01-01"}, "This day is out of reach."),
        ({"custom-0-value": "lost"}, "The value “lost” has no name."),
        ({"custom-0-name": "n", "custom-0-value": "\0"}, "cannot be stored"),
    ],
)
def test_a_bad_edit_comes_back_with_its_sentence(signed_in, chloe, changed, sentence) -> None:
    row = account(csm=chloe)
    response = signed_in(chloe).post(f"/accounts/{row.pk}/edit/", fields(**changed))
    assert (response.status_code, sentence in response.content.decode()) == (422, True)
    assert told(row) == []


def test_an_account_is_added_by_hand_once(signed_in, marc, chloe) -> None:
    data = fields(external_id="A-1", csm=chloe.pk)
    response = signed_in(marc).post("/accounts/new/", data)
    row = Account.objects.get()
    assert response["Location"] == f"/accounts/{row.pk}/"
    assert (row.external_id, row.name, row.csm) == ("A-1", "Acme", chloe)
    assert told(row) == [("account.created", {"source": "Marc"})]
    again = signed_in(marc).post("/accounts/new/", data | {"name": "Other"})
    assert (again.status_code, "There is an account with this id already." in again.content.decode()) == (422, True)
    assert signed_in(chloe).get("/accounts/new/").status_code == 404


# Contacts -----------------------------------------------------------------------------------------


def test_contacts_are_added_and_changed(signed_in, chloe) -> None:
    row, client = account(csm=chloe), signed_in(chloe)
    client.post(f"/accounts/{row.pk}/contacts/new/", {"email": "Ana@X.example", "name": "Ana", "decides": "on"})
    ana = row.contacts.get()
    assert (ana.email, ana.name, ana.decides, ana.champion) == ("ana@x.example", "Ana", True, False)
    again = client.post(f"/accounts/{row.pk}/contacts/new/", {"email": "ana@x.example", "name": "Anna"})
    assert (again.status_code, "There is a contact with this address already." in again.text) == (422, True)
    ana.refresh_from_db()
    assert (ana.name, ana.decides) == ("Ana", True)
    response = client.post(
        f"/accounts/{row.pk}/contacts/{ana.pk}/",
        {"name": "Ana M", "email": "other@x.example", "champion": "on", "left_on": "2026-01-02"},
        headers=HTMX,
    )
    assert (response.status_code, "account-changed" in response["HX-Trigger"]) == (200, True)
    ana.refresh_from_db()
    assert (ana.email, ana.name, ana.decides, ana.champion) == ("ana@x.example", "Ana M", False, True)
    assert [kind for kind, _data in told(row)] == ["contact.added", "contact.left"]


def test_what_others_have_learned_of_a_contact_meanwhile_stays(signed_in, chloe) -> None:
    row = account(csm=chloe)
    ana = Contact.objects.create(account=row, name="Ana", email="ana@x.example", title="CEO")
    page = signed_in(chloe).get(f"/accounts/{row.pk}/contacts/{ana.pk}/").text
    data = {unescape(n): unescape(v) for n, v in re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page)}
    upsert_contact(row, ana.email, by="Program", title="Chair", champion=True)

    signed_in(chloe).post(f"/accounts/{row.pk}/contacts/{ana.pk}/", data | {"decides": "on"})

    ana.refresh_from_db()
    assert (ana.name, ana.title, ana.champion, ana.decides) == ("Ana", "Chair", True, True)


def test_a_bad_contact_comes_back(signed_in, chloe) -> None:
    row = account(csm=chloe)
    for data in ({"email": "nobody"}, {"email": ""}, {"email": "a@b.example", "language": "xx"}):
        assert signed_in(chloe).post(f"/accounts/{row.pk}/contacts/new/", data).status_code == 422
    assert not row.contacts.exists()


def test_a_contact_belongs_to_its_account(signed_in, alice) -> None:
    ana = Contact.objects.create(account=account(), name="Ana", email="ana@x.example")
    assert signed_in(alice).get(f"/accounts/{account('Other').pk}/contacts/{ana.pk}/").status_code == 404


# Saved views --------------------------------------------------------------------------------------


def test_a_view_is_saved_used_changed_and_deleted(signed_in, chloe, cyril) -> None:
    account("Acme", band="red")
    account("Other", band="green")
    client = signed_in(chloe)
    response = client.post("/accounts/views/", {"name": "Reds", "query": "band=red&after=x&evil=1&q=", "shared": "on"})
    view = SavedView.objects.get()
    assert (view.page, view.query, view.shared) == ("accounts", "band=red", True)
    assert response["Location"] == "/accounts/?band=red"
    assert listed(client, view.query) == ["Acme"]
    assert "Reds" in signed_in(cyril).get("/accounts/").content.decode()
    assert signed_in(cyril).post(f"/accounts/views/{view.pk}/delete/").status_code == 404
    assert signed_in(cyril).get(f"/accounts/views/{view.pk}/").status_code == 404
    client.post(f"/accounts/views/{view.pk}/", {"name": "My own"})
    view.refresh_from_db()
    assert (view.name, view.shared, view.query) == ("My own", False, "band=red")
    assert "My own" not in signed_in(cyril).get("/accounts/").content.decode()
    client.post(f"/accounts/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_a_bad_view_comes_back(signed_in, chloe) -> None:
    client = signed_in(chloe)
    assert client.post("/accounts/views/", {"name": "", "query": "band=red"}).status_code == 422
    assert client.post("/accounts/views/", {"name": "x" * 61, "query": "band=red"}).status_code == 422
    client.post("/accounts/views/", {"name": "Twice"})
    assert client.post("/accounts/views/", {"name": "Twice"}).status_code == 422
    assert SavedView.objects.count() == 1
