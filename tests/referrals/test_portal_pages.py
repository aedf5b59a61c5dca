"""What partners see and do: contacts in their portal, affiliates at their own address, applicants on the public page."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.domain.links import address_of
from accounts.domain.optouts import opt_out
from accounts.models import Mail, OptOut
from referrals.domain import applications, letters, partners, sharing
from referrals.domain.terms import publish_terms
from referrals.enums import PartnerStatus, ProgramKind, ProgramStatus
from referrals.models import Acceptance, Invitation, Material, Partner
from tests.referrals.money import at, make_account, make_contact, make_partner, make_program, make_referral, pay

pytestmark = pytest.mark.django_db

TERMS = {"en": "## Fair play\n\nNo **spam**, <script>alert(1)</script>[no](javascript:alert(1))."}


@pytest.fixture
def program(db):
    program = make_program(slug="friends", friend_gets="percent", friend_percent=25, friend_months=3)
    publish_terms(program, TERMS, at("2026-01-01T00:00").date())
    return program


@pytest.fixture
def affiliates(db):
    program = make_program(
        slug="affiliates", kind=ProgramKind.AFFILIATE, open_to_apply=True, min_payout=5000,
        questions=[{"key": "reach", "text": {"en": "How many read you?"}, "kind": "number", "choices": [], "required": True}],
    )  # fmt: skip
    publish_terms(program, TERMS, at("2026-01-01T00:00").date())
    return program


@pytest.fixture
def ann(affiliates):
    """An affiliate who has accepted the terms."""
    partner = make_partner(affiliates, "Ann", payout_method="", payout_details={})
    partners.accept_terms(partner)
    return partner


def test_who_was_approved_reads_the_terms_before_there_is_a_link(client, affiliates):
    ben = make_partner(affiliates, "Ben")
    link = f"/r/{ben.codes.get().code}"
    asked = client.get(page_of(ben)).content.decode()
    assert 'name="accept"' in asked
    assert link not in asked
    assert "new version" not in asked
    client.post(page_of(ben) + "accept/", {"version": "1", "accept": "1"})
    assert link in client.get(page_of(ben)).content.decode()


def test_new_terms_are_accepted_before_anything_is_passed_on_or_changed(client, ann, affiliates):
    friend, bank = (
        {"email": "friend@example.org"},
        {"method": "bank", "holder": "Ann", "iban": "GB82WEST12345698765432"},
    )
    page, link = page_of(ann), f"/r/{ann.codes.get().code}"
    never = page_of(make_partner(affiliates, "Ben"))
    publish_terms(affiliates, {"en": "Be kinder."}, timezone.localdate())
    shown = client.get(page).content.decode()
    assert ("There is a new version" in shown, link in shown, 'action="' + page + "payout/" in shown) == (
        True,
        False,
        False,
    )

    for part, sent in (("invite/", friend), ("shared/", {"channel": "social"}), ("payout/", bank)):
        assert [client.post(at_ + part, sent).status_code for at_ in (page, never)] == [409, 409]
    assert client.get(page + "qr.svg").status_code == 409
    ann.refresh_from_db()
    assert (Invitation.objects.count(), ann.payout_method) == (0, "")

    client.post(page + "accept/", {"version": "2", "accept": "1"})
    assert link in client.get(page).content.decode()
    assert client.post(page + "shared/", {"channel": "social"}).status_code == 204
    assert client.post(page + "payout/", bank).status_code == 302


def path(url):
    return urlsplit(url).path


def page_of(partner):
    return path(letters.page_of(partner))


# In the customer's portal ---------------------------------------------------------------------------


@pytest.fixture
def kim(program):
    return make_contact(make_account("acme", band="green"), name="Kim Park", email="kim@acme.example")


def portal(contact):
    return path(address_of(contact, "portal"))


def test_a_contact_who_was_invited_accepts_the_terms_and_has_a_link(client, kim, program):
    partners.invite(kim, program)

    assert "Recommend us" in client.get(portal(kim)).content.decode()
    page = f"{portal(kim)}refer/friends/"
    before = client.get(page).content.decode()
    assert "They pay 25% less for 3 months." in before
    assert "<strong>spam</strong>" in before
    assert 'href="javascript:' not in before
    assert "<script>alert" not in before

    unread = client.post(f"{page}accept/", {"version": "1"})
    assert (unread.status_code, Acceptance.objects.count()) == (422, 0)
    older = client.post(f"{page}accept/", {"version": "7", "accept": "1"})
    assert (older.status_code, Acceptance.objects.count()) == (422, 0)
    done = client.post(f"{page}accept/", {"version": "1", "accept": "1"}, follow=True)

    partner = Partner.objects.get()
    assert (partner.status, partner.acceptances.get().terms.number) == (PartnerStatus.APPROVED, 1)
    assert f"/r/{partner.codes.get().code}" in done.content.decode()


def test_a_program_that_invites_promoters_is_not_shown_to_others(client, kim, program):
    assert "Recommend us" not in client.get(portal(kim)).content.decode()
    assert client.get(f"{portal(kim)}refer/friends/").status_code == 404


@pytest.mark.parametrize(("band", "status"), [("green", 200), ("thriving", 200), ("yellow", 404), ("unknown", 404)])
def test_one_that_is_open_to_all_is_for_those_who_are_well(client, kim, program, band, status):
    type(program).objects.update(invites_promoters=False)
    type(kim.account).objects.update(band=band)

    page = client.get(f"{portal(kim)}refer/friends/")

    assert page.status_code == status
    if status == 200:
        client.post(f"{portal(kim)}refer/friends/accept/", {"version": "1", "accept": "1"})
        assert Partner.objects.get().status == PartnerStatus.APPROVED


# An affiliate's page ---------------------------------------------------------------------------------


def test_it_shows_what_came_of_it_and_nobodys_full_name(client, ann):
    bought = make_referral(ann, "c-1", name="Morgan Freeman", email="morgan@example.org")
    make_referral(ann, "c-2", name="", email="lee@example.org", review="held", flags=["same_domain"])
    pay(bought, 10000)

    html = client.get(page_of(ann)).content.decode()

    assert "Morgan F." in html
    assert "Freeman" not in html
    assert "l…@…" in html
    assert "being checked" in html
    assert "same_domain" not in html
    assert "$20.00" in html


def test_material_has_the_partners_own_link_of_its_channel_and_page(client, ann, affiliates):
    page = affiliates.landing_urls[0]
    for channel, kind, body, url in (("social", "text", "{name}: {link} {other}", ""), ("website", "link", "", page)):
        Material.objects.create(program=affiliates, title=kind, kind=kind, channel=channel, body=body, url=url)

    html = client.get(page_of(ann)).content.decode()

    link = f"http://127.0.0.1:8000/r/{ann.codes.get().code}"
    assert f"Ann: {link}?c=social {{other}}" in html
    to = f"{link}?c=website&amp;to=https%3A%2F%2Ftenure.example%2F"
    assert to in html
    assert client.get(f"/r/{ann.codes.get().code}?c=website&to={page}").headers["Location"].startswith(page)


def test_a_picture_is_everybodys_once_its_program_is(client, affiliates, signed_in, alice):
    fields = {"title": "Banner", "kind": "image", "image": b"GIF89a", "image_type": "image/gif"}
    address = reverse("referrals:picture", args=[Material.objects.create(program=affiliates, **fields).pk])
    answer = client.get(address)
    assert (answer.content, answer["Cache-Control"]) == (b"GIF89a", "public, max-age=86400")

    affiliates.status = ProgramStatus.DRAFT
    affiliates.save(update_fields=["status"])
    assert client.get(address).status_code == 404
    answer = signed_in(alice).get(address)
    assert (answer.content, answer["Cache-Control"]) == (b"GIF89a", "private")


def test_new_terms_are_asked_for_once(client, ann, affiliates):
    partners.accept_terms(ann)
    assert "new version" not in client.get(page_of(ann)).content.decode()
    publish_terms(affiliates, {"en": "Nicer"}, timezone.localdate())

    assert "new version" in client.get(page_of(ann)).content.decode()
    client.post(f"{page_of(ann)}accept/", {"version": "2", "accept": "1"})

    assert "new version" not in client.get(page_of(ann)).content.decode()
    assert sorted(ann.acceptances.values_list("terms__number", flat=True)) == [1, 2]


def test_the_qr_code_is_a_picture_of_its_own_address(client, ann):
    answer = client.get(f"{page_of(ann)}qr.svg")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    assert answer.content.startswith(b"<?xml")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_revoked_address_is_gone_and_no_other_signature_opens_it(client, ann):
    old = page_of(ann)
    partners.new_address(ann)

    assert client.get(old).status_code == 404
    assert client.get(page_of(ann)).status_code == 200
    assert client.get(f"/p/{ann.key}/").status_code == 404
    assert client.get(f"/p/{'x' * 22}{page_of(ann)[25:]}/").status_code == 404


@pytest.mark.parametrize(("status", "text"), [("applied", "We have your application"), ("refused", "Not this time")])
def test_who_is_not_in_sees_where_they_stand_and_nothing_else(client, ann, status, text):
    Partner.objects.filter(pk=ann.pk).update(status=status, refusal="Too few readers")

    assert text in client.get(page_of(ann)).content.decode()
    for part in ("qr.svg", "invite/", "shared/", "payout/", "accept/"):
        answer = (
            client.get(f"{page_of(ann)}{part}")
            if part == "qr.svg"
            else client.post(f"{page_of(ann)}{part}", {"accept": "1", "version": "1"})
        )
        assert answer.status_code in {404, 409}, part


def test_payout_details_are_checked_and_only_those_of_the_chosen_way_are_kept(client, ann):
    page = page_of(ann)
    wrong = client.post(f"{page}payout/", {"method": "bank", "holder": "Ann", "iban": "DE00 1234"})
    assert wrong.status_code == 422
    assert "This is no IBAN" in wrong.content.decode()
    assert client.post(f"{page}payout/", {"method": "gold"}).status_code == 422

    client.post(
        f"{page}payout/",
        {"method": "bank", "holder": "Ann", "iban": "gb82 west 1234 5698 7654 32", "paypal": "a@b.example"},
    )

    ann.refresh_from_db()
    assert (ann.payout_method, ann.payout_details) == ("bank", {"holder": "Ann", "iban": "GB82WEST12345698765432"})


# Passing it on ---------------------------------------------------------------------------------------


def test_a_friend_gets_one_mail_in_the_partners_name_with_a_way_out(client, ann):
    sent = client.post(f"{page_of(ann)}invite/", {"email": "Friend@example.org", "words": "Try it!"})
    again = client.post(f"{page_of(ann)}invite/", {"email": "friend@example.org"})

    assert (sent.status_code, again.status_code) == (302, 422)
    mail = Mail.objects.get(kind="referral.friend")
    assert mail.to == "friend@example.org"
    assert mail.headers["Reply-To"] == ann.email
    assert f"/r/{ann.codes.get().code}?c=mail" in mail.text
    stop = mail.headers["List-Unsubscribe"].strip("<>")
    assert client.post(path(stop)).status_code == 200
    assert OptOut.objects.get().address == "friend@example.org"
    assert client.get("/u/forged/mails/").status_code == 404


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("nobody", ""),
        ("", ""),
        ("a@b.example\r\nBcc: c@d.example", ""),
        ("stop@example.org", ""),
        ("friend@example.org", "see https://evil.example/x"),
        ("friend@example.org", "www.evil.example"),
        ("friend@example.org", "x" * 601),
    ],
)
def test_what_cannot_be_sent_says_why_and_keeps_what_was_typed(client, ann, email, words):
    opt_out("stop@example.org", how="page")

    answer = client.post(f"{page_of(ann)}invite/", {"email": email, "words": words})

    assert (answer.status_code, Mail.objects.count(), Invitation.objects.count()) == (422, 0, 0)


def test_nobody_sends_by_the_hundred(client, ann, monkeypatch):
    monkeypatch.setattr(sharing, "MOST_A_DAY", 1)
    client.post(f"{page_of(ann)}invite/", {"email": "one@example.org"})

    assert client.post(f"{page_of(ann)}invite/", {"email": "two@example.org"}).status_code == 429
    assert Mail.objects.count() == 1


def test_copying_counts_once_a_day_and_channel(client, ann):
    for channel in ("social", "social", "nonsense", ""):
        assert client.post(f"{page_of(ann)}shared/", {"channel": channel}).status_code == 204

    assert sorted(Invitation.objects.values_list("channel", flat=True)) == ["link", "social"]


# Asking a contact ------------------------------------------------------------------------------------


def test_a_contact_is_asked_by_mail_and_then_left_in_peace(kim, program, alice):
    partner = applications.ask(kim, program, by=alice)

    assert partner.status == PartnerStatus.INVITED
    assert "/c/" in Mail.objects.get(kind="referral.invite").text
    with pytest.raises(applications.Conflict, match="left in peace"):
        applications.ask(kim, program, by=alice)


def test_nobody_is_asked_while_the_account_is_red(kim, program, alice):
    type(kim.account).objects.update(band="red")

    with pytest.raises(applications.Conflict, match="red"):
        applications.ask(kim, program, by=alice)
    assert (Partner.objects.count(), Mail.objects.count()) == (0, 0)
