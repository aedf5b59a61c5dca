"""Pages of referrals, in the demo company or any other: by a name and an address."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import reverse

from accounts.domain.links import address_of
from referrals.domain.letters import page_of, stop_address
from referrals.enums import PartnerStatus, ProgramStatus
from referrals.models import Material, Partner, PayoutBatch, Program

Found = Iterator[tuple[str, str]]


def found() -> Found:
    yield from team()
    yield from settings()
    yield from partners()


def team() -> Found:
    for name in ("overview", "partners", "review", "incentives", "payouts", "reports", "behind", "compared"):
        yield f"referrals-{name}", reverse(f"referrals:{name}")
    for status in ("all", "revoked"):
        yield f"referrals-incentives-{status}", reverse("referrals:incentives") + f"?status={status}"
    yield "referrals-nothing-found", reverse("referrals:partners") + "?q=nobody+at+all"
    paid = Partner.objects.filter(balance__isnull=False).order_by("-balance__earned").first()
    waiting = Partner.objects.filter(status=PartnerStatus.APPLIED).first()
    for name, partner in (("partner", paid), ("partner-applied", waiting)):
        if partner:
            yield f"referrals-{name}", reverse("referrals:partner", args=[partner.pk])
    for program in Program.objects.filter(status=ProgramStatus.RUNNING)[:1]:
        yield "referrals-batch-new", reverse("referrals:batch_new", args=[program.pk])
    for batch in PayoutBatch.objects.all()[:1]:
        yield "referrals-batch", reverse("referrals:batch", args=[batch.pk])
    if paid and paid.account_id:
        yield "referrals-panel", reverse("referrals:panel", args=[paid.account_id])


def settings() -> Found:
    yield "settings-programs", reverse("referrals:programs")
    yield "settings-program-new", reverse("referrals:program_add")
    for program in Program.objects.order_by("-kind", "pk")[:1]:
        for name in ("program", "program_terms", "program_material", "material_add", "program_questions"):
            yield f"settings-{name.replace('_', '-')}", reverse(f"referrals:{name}", args=[program.pk])
        for terms in program.terms.all()[:1]:
            yield "settings-terms-version", reverse("referrals:program_terms_version", args=[program.pk, terms.number])
    for material in Material.objects.all()[:1]:
        yield "settings-material", reverse("referrals:material", args=[material.pk])


def partners() -> Found:
    """What partners, applicants and those who were written to see."""
    for status in PartnerStatus.values:
        rows = Partner.objects.filter(status=status, contact=None).order_by("-balance__earned", "pk")
        for partner in rows[:1]:
            yield f"partner-{status}", urlsplit(page_of(partner)).path
            yield f"partner-{status}-terms", f"{urlsplit(page_of(partner)).path}terms/"
    for partner in Partner.objects.filter(contact__isnull=False, contact__left_on=None, status="approved")[:1]:
        yield "partner-contact", urlsplit(page_of(partner)).path
        yield "portal-with-referrals", urlsplit(address_of(partner.contact, "portal")).path
    for program in Program.objects.filter(open_to_apply=True, status=ProgramStatus.RUNNING)[:1]:
        yield "apply", reverse("referrals:apply", args=[program.slug])
        yield "applied", reverse("referrals:applied", args=[program.slug])
    yield "stop-mails", urlsplit(stop_address("somebody@example.org")).path
