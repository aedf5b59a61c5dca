"""Codes of links and coupons: one spelling to compare by, whatever people type."""

import secrets
import unicodedata

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.domain.activity import Who
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError
from referrals.domain import addresses
from referrals.enums import Channel, CodeKind
from referrals.models import Code, Partner

LONGEST = 80
TRIES = 20
# Easy to read out: no 0 and O, no 1 and l.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def code_key(text: str) -> str:
    """The same for all spellings that look alike to a person: upper and lower case, wide and narrow letters."""
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in INVISIBLE)
    return unicodedata.normalize("NFKC", " ".join(visible.split()).casefold())[: 2 * LONGEST]


def clean_code(text: str) -> str:
    code = one_line(unicodedata.normalize("NFC", text), LONGEST, field="code")
    if not code_key(code):
        raise _wrong(_("A code has at least one letter or figure."))
    if set(code) & set("/\\?#%&") or " " in code:
        raise _wrong(_("A code goes into an address: without spaces, / \\ ? # % and &."))
    return code


def find_code(text: str) -> Code | None:
    """Whoever's code it is, in whatever spelling; None for one that nobody has."""
    key = code_key(text[: 4 * LONGEST])
    return Code.objects.select_related("partner__program").filter(key=key).first() if key else None


def no_such_code(text: str, name: str) -> DomainError:
    sentence = _("There is no code “%(code)s” in this program.") % {"code": text[:LONGEST]}
    return DomainError(sentence, code="unknown_code", errors={name: [sentence]})


def add_code(
    partner: Partner,
    code: str = "",
    *,
    kind: str = CodeKind.LINK,
    channel: str = Channel.LINK,
    landing_url: str = "",
    by: Who = None,
) -> Code:
    """A code of the partner's own wish, else one made of their name."""
    if landing_url and landing_url not in partner.program.landing_urls:
        sentence = _("The program does not lead there.")
        raise DomainError(sentence, code="bad_address", errors={"landing_url": [sentence]})
    fields = {"kind": CodeKind(kind), "channel": Channel(channel), "landing_url": landing_url[: addresses.LONGEST]}
    if code:
        if (row := _add(partner, clean_code(code), fields)) is None:
            raise Conflict(_("Somebody has this code already: choose another."), code="code_taken")
        return row
    for _attempt in range(TRIES):
        if row := _add(partner, _made_for(partner), fields):
            return row
    raise Conflict(_("No free code was found: choose one yourself."), code="code_taken")


def _add(partner: Partner, code: str, fields: dict) -> Code | None:
    try:
        with transaction.atomic():
            return Code.objects.create(partner=partner, code=code, key=code_key(code), **fields)
    except IntegrityError:
        return None


def _made_for(partner: Partner) -> str:
    name = slugify(partner.name).split("-")[0][:20] or "friend"
    return f"{name}-{''.join(secrets.choice(LETTERS) for _letter in range(5))}"


def switch_code(code: Code, *, active: bool, by: Who = None) -> None:
    """A link that is switched off leads to the program's page all the same, and binds nobody."""
    Code.objects.filter(pk=code.pk).update(active=active)
    code.active = active


def _wrong(sentence: str) -> DomainError:
    return DomainError(sentence, code="invalid", errors={"code": [sentence]})
