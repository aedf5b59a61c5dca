"""Applying for an affiliate program on its public page, and what becomes of it."""

import pytest

from accounts.models import Mail
from referrals.domain import applications, partners
from referrals.enums import ProgramStatus
from referrals.models import Partner
from tests.referrals import test_portal_pages as portal

pytestmark = pytest.mark.django_db
affiliates = portal.affiliates
NAUGHTY = "Кім \U0001f984 <img src=x onerror=alert(1)> {link} %s"

GIVEN = {"name": "Ann Lee", "email": "ann@blog.example", "company": "", "website": "blog.example", "q_reach": "12,000"}


def test_an_application_is_read_and_answered_by_mail(client, affiliates, alice):
    done = client.post("/programs/affiliates/apply/", GIVEN)
    assert done.headers["Location"] == "/programs/affiliates/applied/"
    partner = Partner.objects.get()
    assert (partner.status, partner.answers, partner.website) == (
        "applied",
        {"reach": "12,000"},
        "https://blog.example",
    )

    applications.take(partner, by=alice)

    kinds = list(Mail.objects.order_by("pk").values_list("kind", "to"))
    assert kinds == [("partner.applied", "ann@blog.example"), ("partner.approved", "ann@blog.example")]
    assert portal.page_of(partner) in Mail.objects.get(kind="partner.approved").text
    assert client.get(portal.page_of(partner)).status_code == 200


def test_who_is_turned_down_reads_why(client, affiliates, alice):
    client.post("/programs/affiliates/apply/", GIVEN)
    applications.turn_down(Partner.objects.get(), NAUGHTY, by=alice)

    mail = Mail.objects.get(kind="partner.refused")
    assert NAUGHTY in mail.text
    assert "<img src=x" not in mail.html


def test_applying_twice_tells_nobody_that_an_address_is_known(client, affiliates):
    answers = [client.post("/programs/affiliates/apply/", GIVEN) for _again in range(3)]

    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (302, "/programs/affiliates/applied/")
    }
    assert list(Mail.objects.order_by("pk").values_list("kind", flat=True)) == ["partner.applied", "partner.page"]


def test_robots_are_thanked_and_not_kept(client, affiliates):
    answer = client.post("/programs/affiliates/apply/", GIVEN | {"homepage": "https://spam.example"})

    assert (answer.status_code, Partner.objects.count(), Mail.objects.count()) == (302, 0, 0)


def test_nobody_applies_without_end(client, affiliates):
    statuses = [client.post("/programs/affiliates/apply/", {}).status_code for _again in range(11)]

    assert statuses == [422] * 10 + [429]


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"email": "x"}, {"email": "a" * 300 + "@b.example"}, {"q_reach": "many"}, {"q_reach": ""},
     {"website": "javascript:alert(1)"}, {"name": "x" * 161}, {"name": "\0"}],
)  # fmt: skip
def test_a_bad_application_comes_back_as_it_was(client, affiliates, wrong):
    answer = client.post("/programs/affiliates/apply/", GIVEN | wrong)

    assert (answer.status_code, Partner.objects.count()) == (422, 0)
    assert 'value="ann@blog.example"' in answer.content.decode() or "email" in wrong


def test_names_come_back_as_they_went_in(client, affiliates):
    client.post("/programs/affiliates/apply/", GIVEN | {"name": NAUGHTY})
    partner = Partner.objects.get()
    assert partner.name == NAUGHTY
    Partner.objects.update(status="approved")
    partners.accept_terms(partner)

    html = client.get(portal.page_of(partner)).content.decode()

    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; {link} %s" in html


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"open_to_apply": False}, 404), ({"status": ProgramStatus.DRAFT}, 404), ({"status": ProgramStatus.PAUSED}, 410)],
)
def test_a_program_that_takes_no_applications_says_so(client, affiliates, fields, status):
    type(affiliates).objects.update(**fields)

    assert client.get("/programs/affiliates/apply/").status_code == status
    assert client.post("/programs/affiliates/apply/", GIVEN).status_code == status
    assert client.get("/programs/nowhere/apply/").status_code == 404
