"""The outbox as staff see it: who reads what, and what becomes of a mail."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone
from model_bakery import baker

from accounts.domain import rules
from accounts.domain.mails import prune_bodies, send_again, write_mail, write_mails
from accounts.domain.mails.sending import AWAY
from accounts.domain.optouts import opt_out
from accounts.exceptions import Conflict
from accounts.models import Activity, Mail, OptOut
from tests.accounts.mailing import contact, letter
from tests.accounts.spine import make_account

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
TOKEN = "WWuzu67tKMS0dGYJd7qMKgsEOHULTVizJJNyTwgcRGUg"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture
def admin(alice, signed_in):
    return signed_in(alice)


def subjects(page) -> list[str]:
    return [mail.subject for mail in page.context["page"].rows]


# The list -----------------------------------------------------------------------------------------


def test_the_newest_come_first_and_all_can_be_paged_through(admin):
    baker.make(Mail, key=iter(f"m{n}" for n in range(120)), subject=iter(f"S{n:03}" for n in range(120)), kind="escalation",
               to="kim@acme.example", created_at=iter(NOON - timedelta(minutes=n) for n in range(120)), _quantity=120)  # fmt: skip
    seen, address = [], "/outbox/"
    while address:
        page = admin.get(address)
        seen += subjects(page)
        after = page.context["page"].next
        address = f"/outbox/?after={after}" if after else ""

    assert seen == [f"S{n:03}" for n in range(120)]
    assert subjects(admin.get("/outbox/?after=nonsense"))[0] == "S000"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=kim@acme", ["News"]),
        ("q=globex", ["Other"]),
        ("q=NEWS", ["News"]),
        ("state=bounced", ["Other"]),
        ("kind=escalation", ["Late"]),
        ("kind=nothing", []),
        ("state=nonsense", ["Late", "Other", "News"]),
        ("q=%00", ["Late", "Other", "News"]),
        ("q=%ff", []),
        ("kind=%00&after=%00", ["Late", "Other", "News"]),
    ],
)
def test_a_mail_is_found_by_address_words_account_state_and_kind(query, found, admin, clock):
    write_mail(letter("1", to="", contact=contact()))
    clock.shift(timedelta(minutes=1))
    write_mail(letter("2", to="x@y.example", subject="Other", account_id=make_account("Globex").pk))
    Mail.objects.filter(key="2").update(status="bounced")
    clock.shift(timedelta(minutes=1))
    write_mail(letter("3", kind="escalation", to="marc@tenure.example", subject="Late"))

    assert subjects(admin.get(f"/outbox/?{query}")) == found


@pytest.mark.parametrize("count", [1, 50])
def test_as_many_queries_for_fifty_as_for_one(count, admin, django_assert_num_queries):
    kim = contact()
    write_mails(letter(f"n{n}", to="", contact=kim) for n in range(count))
    with django_assert_num_queries(2):
        assert len(admin.get("/outbox/").context["page"].rows) == count


def test_it_says_what_to_do_when_empty_and_what_it_means_that_nothing_leaves(admin, settings):
    settings.MAIL_BACKEND = ""
    page = admin.get("/outbox/").text
    assert "No mail yet" in page
    assert "No mail server is set" in page


def test_it_says_when_the_server_is_away(admin, settings):
    settings.MAIL_BACKEND = "tests.accounts.mailing.Server"
    cache.set(AWAY, "ConnectionRefusedError: nobody there", 60)
    page = admin.get("/outbox/").text
    assert "The mail server does not answer" in page
    assert "nobody there" in page


# One mail -----------------------------------------------------------------------------------------


@pytest.fixture
def asked(settings) -> Mail:
    settings.MAIL_BACKEND = ""
    url = f"http://127.0.0.1:8000/n/{TOKEN}/"
    html = f'<html><head><title>x</title></head><body style="color:red"><a href="{url}">9</a><script>alert(1)</script></body></html>'
    return write_mail(letter(html=html, text=f"Tell us: {url}", contact=contact(), to=""))


def test_a_mail_is_shown_as_its_reader_sees_it_in_a_frame_that_can_do_nothing(asked, admin):
    page = admin.get(f"/outbox/{asked.pk}/").text
    assert f'src="/outbox/{asked.pk}/html/" sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "<script>alert" not in page
    assert f'<a href="http://127.0.0.1:8000/n/{TOKEN}/" rel="nofollow">' in page

    frame = admin.get(f"/outbox/{asked.pk}/html/")
    assert '<head><base target="_blank">' in frame.text
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    policy = dict(part.strip().partition(" ")[::2] for part in frame["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "'self' data:",
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
    }


def test_where_mails_really_go_out_personal_addresses_are_not_shown(asked, admin, settings):
    settings.MAIL_BACKEND = "tests.accounts.mailing.Server"
    for path in ("", "html/"):
        assert TOKEN not in admin.get(f"/outbox/{asked.pk}/{path}").text


def test_a_new_password_is_read_by_admins_only(admin, chloe, marc, signed_in):
    secret = write_mail(letter(kind="system", subject="Password reset"))
    for user in (chloe, marc):
        browser = signed_in(user)
        assert subjects(browser.get("/outbox/?kind=system")) == []
        assert [browser.get(f"/outbox/{secret.pk}/{path}").status_code for path in ("", "html/")] == [404, 404]
    assert subjects(admin.get("/outbox/")) == ["Password reset"]


def test_only_an_admin_sends_again_or_calls_back(asked, admin, chloe, signed_in, settings):
    assert signed_in(chloe).post(f"/outbox/{asked.pk}/cancel/").status_code == 404

    assert admin.post(f"/outbox/{asked.pk}/cancel/").url == f"/outbox/{asked.pk}/"
    asked.refresh_from_db()
    assert asked.status == "canceled"
    answer = admin.post(f"/outbox/{asked.pk}/again/", headers={**HTMX, "HX-Target": "detail"})
    assert "It goes out again, now." in answer["HX-Trigger"]
    assert "outbox-changed" in answer["HX-Trigger"]
    asked.refresh_from_db()
    assert asked.status == "queued"
    assert admin.post(f"/outbox/{asked.pk}/again/").status_code == 409
    assert admin.post("/outbox/99999/again/").status_code == 404


# Opt-outs -----------------------------------------------------------------------------------------


def test_staff_note_who_wants_no_more_and_who_may_be_asked_again(admin, alice):
    kim = contact()
    assert admin.post("/outbox/opt-outs/", {"address": " KIM@acme.example "}).status_code == 302
    row = OptOut.objects.get()
    assert (row.address, row.how) == ("kim@acme.example", "staff")
    assert admin.post("/outbox/opt-outs/", {"address": "kim@acme.example"}).status_code == 302
    assert admin.post(f"/outbox/opt-outs/{row.pk}/end/").status_code == 302

    assert not OptOut.objects.exists()
    assert list(Activity.objects.order_by("pk").values_list("kind", "account", "actor__name")) == [
        ("contact.opted_out", kim.account_id, "Alice"),
        ("contact.opted_in", kim.account_id, "Alice"),
    ]


@pytest.mark.parametrize("address", ["", "kim", "kim@acme.example, max@acme.example", "k" * 300 + "@acme.example"])
def test_what_is_no_address_is_refused(address, admin):
    answer = admin.post("/outbox/opt-outs/", {"address": address})
    assert answer.status_code == 422
    assert not OptOut.objects.exists()


def test_who_may_only_read_sees_the_list(chloe, signed_in):
    opt_out("kim@acme.example", how="page")
    browser = signed_in(chloe)
    assert "kim@acme.example" in browser.get("/outbox/opt-outs/?q=KIM").text
    assert "No address begins like that" in browser.get("/outbox/opt-outs/?q=max").text
    assert browser.post("/outbox/opt-outs/", {"address": "max@acme.example"}).status_code == 422
    assert OptOut.objects.count() == 1


# On the account -----------------------------------------------------------------------------------


def test_an_account_lists_its_mails(asked, vera, chloe, signed_in):
    path = f"/accounts/{asked.account_id}/mails/"
    assert "News" in signed_in(vera).get(path).text
    assert f'href="/outbox/{asked.pk}/"' not in signed_in(vera).get(path).text
    assert f'href="/outbox/{asked.pk}/"' in signed_in(chloe).get(path, headers=HTMX).text
    assert "No mail to them yet" in signed_in(chloe).get(f"/accounts/{make_account('New').pk}/mails/").text
    assert path in signed_in(chloe).get(f"/accounts/{asked.account_id}/tab/mails/").text


def test_texts_of_old_mails_are_deleted_and_the_rest_stays(admin) -> None:
    old = baker.make(Mail, kind="news", key="old", to="kim@acme.example", subject="News", text="Hi", html="<p>Hi</p>",
                     status="sent", created_at=timezone.now() - timedelta(days=366), headers={"X": "y"})  # fmt: skip
    waits = baker.make(Mail, kind="news", key="waits", text="Hi", status="queued", created_at=old.created_at)
    young = baker.make(Mail, kind="news", key="young", text="Hi", status="sent")
    assert (prune_bodies(), prune_bodies()) == (1, 0)
    old.refresh_from_db()
    assert (old.subject, old.to, old.status, old.text, old.html, old.headers) == (
        "News",
        "kim@acme.example",
        "sent",
        "",
        "",
        {},
    )
    assert set(Mail.objects.exclude(text="").values_list("pk", flat=True)) == {waits.pk, young.pk}
    assert "Its text has been deleted" in admin.get(f"/outbox/{old.pk}/").content.decode()
    with pytest.raises(Conflict, match="cannot be sent again"):
        send_again(old)
    rules.change({"mails.keep_days": 30})
    Mail.objects.filter(pk=young.pk).update(created_at=timezone.now() - timedelta(days=31))
    assert prune_bodies() == 1
