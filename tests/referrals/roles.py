"""A row for each of our pages that is about one, for the matrix of roles (tests/test_roles.py)."""

from typing import Any

from django.utils import timezone

from accounts.models import Account
from referrals.models import Code, Material, Partner, PayoutBatch, Program, ProgramTerms

OF_PROGRAM = (
    "program", "program_open", "program_pause", "program_end", "program_delete", "program_terms",
    "program_terms_version", "program_material", "material_add", "program_questions", "batch_new",
)  # fmt: skip
OF_MATERIAL = ("material", "material_delete")
OF_PARTNER = (
    "partner", "ledger_export", "approve", "refuse", "pause", "resume", "adjust", "send_page", "code_add", "code_switch",
)  # fmt: skip
OF_BATCH = ("batch", "batch_export", "batch_mark", "batch_settle")


def rows(account: Account) -> dict[str, Any]:
    program = Program.objects.create(slug="friends", name="Friends", currency="EUR")
    ProgramTerms.objects.create(
        program=program, number=1, texts={"en": "Be nice"}, valid_from="2026-01-01", published_at=timezone.now()
    )
    material = Material.objects.create(program=program, title="A few words", body="Look at {link}")
    partner = Partner.objects.create(
        program=program, name="Kim", email="kim@acme.example", email_key="kim", account=account
    )
    batch = PayoutBatch.objects.create(program=program, number=1, as_of=timezone.now(), currency="EUR", minimum=0)
    named = {
        **dict.fromkeys(OF_PROGRAM, program),
        **dict.fromkeys(OF_MATERIAL, material),
        **dict.fromkeys(OF_PARTNER, partner),
        **dict.fromkeys(OF_BATCH, batch),
    }
    code = Code.objects.create(partner=partner, code="kim", key="kim")
    return {**{f"referrals:{name}": row for name, row in named.items()}, "code": code}
