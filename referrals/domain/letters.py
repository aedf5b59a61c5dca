"""Mails to partners, and to the friends whom they write to; and the addresses in them."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accounts.domain.links import address_of as contact_address, token_of
from accounts.domain.mails import Letter, write_mail
from accounts.models import Mail
from referrals.models import Code, Partner

PURPOSE = "partner"  # the signature of partners' links holds for nothing else
STOP = "referrals.stop"


# Addresses ----------------------------------------------------------------------------------------------------


def page_of(partner: Partner) -> str:
    """The partner's own page: a contact's is a part of their portal, an affiliate's stands by itself."""
    if partner.contact and partner.contact.left_on is None:
        return f"{contact_address(partner.contact, 'portal')}refer/{partner.program.slug}/"
    return settings.BASE_URL + reverse("referrals:partner_page", args=[token_of(partner.key, PURPOSE)])


def link_of(code: Code) -> str:
    """What is passed on."""
    return settings.BASE_URL + reverse("referrals:follow", args=[code.code])


def stop_address(email: str) -> str:
    """Where somebody who is no contact of ours says that they want no such mails."""
    token = signing.dumps(email.strip().lower(), salt=STOP)
    return settings.BASE_URL + reverse("referrals:stop", args=[token])


def email_in(token: str) -> str:
    """ "" for what we have not signed."""
    try:
        return str(signing.loads(token, salt=STOP))
    except signing.BadSignature:
        return ""


# Letters ------------------------------------------------------------------------------------------------------


def _letter(partner: Partner, kind: str, key: str, template: str, **context: Any) -> Letter:
    return Letter(
        kind=kind,
        key=f"{kind} {partner.pk} {key}".strip(),
        to=partner.email,
        contact=partner.contact,
        account_id=partner.account_id,
        language=partner.language,
        template=template,
        context={"partner": partner, "program": partner.program, "url": page_of(partner), **context},
    )


def write_applied(partner: Partner) -> Mail:
    """We have it, and this is the page on which it is told what became of it."""
    return write_mail(_letter(partner, "partner.applied", "", "partner_applied"))


def write_approved(partner: Partner) -> Mail:
    key = partner.approved_at.isoformat() if partner.approved_at else ""
    return write_mail(_letter(partner, "partner.approved", key, "partner_approved"))


def write_refused(partner: Partner) -> Mail:
    key = partner.refused_at.isoformat() if partner.refused_at else ""
    return write_mail(_letter(partner, "partner.refused", key, "partner_refused"))


def write_page(partner: Partner) -> Mail:
    """The way to their page once more: at most once a day, whoever asks how often; with another link, again."""
    key = f"{timezone.now():%Y-%m-%d} {partner.key[:6]}"
    return write_mail(_letter(partner, "partner.page", key, "partner_page"))


def write_invited(partner: Partner) -> Mail:
    """It asks something of a contact: who wants no more questions does not get it."""
    key = f"{timezone.now():%Y-%m-%d}"
    return write_mail(_letter(partner, "referral.invite", key, "referral_invite"))


def write_friend(partner: Partner, code: Code, email: str, *, words: str, key: str, language: str) -> Mail:
    """In the partner's name, with their words, from us: answers go to the partner."""
    stop = stop_address(email)
    return write_mail(
        Letter(
            kind="referral.friend",
            key=f"referral.friend {partner.pk} {key}",
            to=email,
            language=language,
            template="referral_friend",
            context={
                "partner": partner,
                "program": partner.program,
                "words": words,
                "link": f"{link_of(code)}?c=mail",
                "stop": stop,
            },
            headers={"Reply-To": partner.email, "List-Unsubscribe": f"<{stop}>"},
        )
    )
