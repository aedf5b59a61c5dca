"""An affiliate's story: applied, approved, shared, clicked, bought, paid out. Everybody sees what is theirs."""

from urllib.parse import parse_qsl, urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Mail
from referrals.domain.conversions import Payment, record_conversion
from referrals.domain.programs import open_program
from referrals.domain.signing_up import SignUp, refer
from referrals.domain.terms import publish_terms
from referrals.enums import ProgramKind, ProgramStatus
from referrals.models import Click, Invitation, Partner, Payout
from tests.referrals.money import make_program

QUESTION = {"key": "reach", "text": {"en": "Whom do you reach?"}, "kind": "text", "choices": [], "required": True}


def sound(page: Page) -> None:
    assert [(v["id"], v["nodes"][0]["html"]) for v in Axe().run(page).response["violations"]] == []


def the_program():
    program = make_program(
        slug="partners", name="Partners", kind=ProgramKind.AFFILIATE, open_to_apply=True, questions=[QUESTION],
        status=ProgramStatus.DRAFT, min_payout=1000,
    )  # fmt: skip
    publish_terms(program, {"en": "Tell the truth."}, timezone.localdate())
    open_program(program)
    return program


def test_an_affiliate_applies_is_approved_brings_somebody_and_is_paid(alice, open_page, page_of, queue):
    program = the_program()
    ann = open_page()
    ann.goto("/programs/partners/apply/")
    sound(ann)
    ann.get_by_role("button", name="Apply").click()
    expect(ann.get_by_text("This field is required.").first).to_be_visible()
    for label, text in (
        ("Your name", "Ann Lee"),
        ("Your e-mail address", "ann@blog.example"),
        ("Whom do you reach?", "Founders"),
    ):
        ann.get_by_label(label).fill(text)
    ann.get_by_role("button", name="Apply").click()
    expect(ann.get_by_role("heading", name="Thank you")).to_be_visible()

    staff = page_of(alice)
    staff.goto("/referrals/partners/?status=applied")
    sound(staff)
    staff.get_by_role("link", name="Ann Lee").click()
    expect(staff.get_by_text("Founders")).to_be_visible()
    sound(staff)
    staff.get_by_role("button", name="Approve").click()
    expect(staff.get_by_text("Approved", exact=True)).to_be_visible()

    mail = Mail.objects.get(kind="partner.approved")
    address = next(word for word in mail.text.split() if "/p/" in word)
    ann.goto(urlsplit(address).path)
    sound(ann)
    ann.get_by_label("I have read the terms").check()
    ann.get_by_role("button", name="Take part").click()
    sound(ann)
    ann.get_by_text("Say how").click()
    ann.get_by_label("Account holder").fill("Ann Lee")
    ann.get_by_label("IBAN").fill("GB82 WEST 1234 5698 7654 32")
    ann.locator("#paid-how").locator("..").get_by_role("button", name="Save").click()
    expect(ann.get_by_text("It is noted")).to_be_visible()
    ann.get_by_label("Their e-mail address").fill("friend@example.org")
    ann.get_by_role("button", name="Send it").click()
    expect(ann.get_by_text("is on its way")).to_be_visible()
    ann.get_by_role("button", name="Copy").first.click()
    sound(ann)
    link = ann.get_by_role("textbox", name="Your link").input_value()

    answer = ann.context.request.get(
        urlsplit(link).path, max_redirects=0, headers={"User-Agent": "Mozilla/5.0 Firefox/140.0"}
    )
    given = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    queue.drain()
    assert Click.objects.get().key == given["click"]
    now = timezone.now()
    refer(SignUp(program, "c-1", now, clicks=[given["click"]], name="Morgan Freeman", email="m@example.net"))
    record_conversion(
        Payment(program, customer="c-1", occurred_at=now, gross=10000, source="stripe", external_id="in_1")
    )

    staff.goto(f"/referrals/payouts/new/{program.pk}/")
    sound(staff)
    expect(staff.get_by_role("row", name="Ann Lee")).to_contain_text("$20.00")
    staff.get_by_role("button", name="Make this batch").click()
    with staff.expect_download() as download:
        staff.get_by_role("button", name="File for the bank").click()
    assert "GB82WEST12345698765432" in download.value.path().read_text()
    staff.reload()
    sound(staff)
    staff.get_by_label("Choose Ann Lee").check()
    staff.get_by_label("Reference, or why it failed").fill("SEPA 7")
    staff.get_by_role("button", name="Mark the chosen as paid").click()
    expect(staff.get_by_text("Closed")).to_be_visible()

    ann.goto(urlsplit(address).path)
    expect(ann.get_by_role("row", name="Morgan F.")).to_be_visible()
    expect(ann.get_by_text("SEPA 7")).to_be_visible()
    sound(ann)
    assert Payout.objects.get().status == "paid"
    assert Invitation.objects.filter(partner=Partner.objects.get()).count() >= 1


def test_the_example_follows_what_is_typed(alice, page_of):
    page = page_of(alice)
    page.goto("/settings/programs/new/")
    sound(page)
    example = page.locator("#program-example")
    expect(example).to_contain_text("$1,200.00")
    page.get_by_label("Rate, %").fill("30")
    expect(example).to_contain_text("$1,800.00")
    page.get_by_label("Rate, %").fill("")  # none
    expect(example).to_contain_text("$0.00 a year")
    page.get_by_label("Rate, %").fill("20")
    expect(example).to_contain_text("$1,200.00")
    page.get_by_label("Customers brought").fill("10")
    expect(example).to_contain_text("$2,400.00")
