"""Partners pass their link on: by a mail in their name, or by copying it. Counted for the k-factor."""

import re
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.contacts import clean_email
from accounts.domain.mails.writing import opted_out
from accounts.domain.text import prose
from accounts.exceptions import Conflict, DomainError
from referrals.domain import letters, traces
from referrals.domain.fraud import normalise
from referrals.enums import Channel, CodeKind
from referrals.models import Code, Invitation, Partner

MOST_A_DAY = 20
LONGEST_WORDS = 600
# Mails in our name carry one link, and it is ours.
LINK = re.compile(r"https?:|www\.|[a-z0-9-]\.[a-z]{2,}/", re.IGNORECASE)


def link_code(partner: Partner) -> Code | None:
    """The code behind the link that a partner passes on."""
    rows = [code for code in partner.codes.all() if code.active]
    return next((code for code in rows if code.kind == CodeKind.LINK), rows[0] if rows else None)


@transaction.atomic
def invite_friend(partner: Partner, email: str, words: str = "", *, language: str = "") -> Invitation:
    """One mail to an address, ever: whoever has been written to, by whichever partner, is left alone."""
    address, words = clean_email(email), prose(words, LONGEST_WORDS, field="words")
    code = link_code(partner)
    if code is None:
        raise Conflict(_("You have no link that works."), code="no_code")
    if LINK.search(words):
        raise _wrong("words", _("Without addresses, please: your link is in the mail."))
    if normalise(address) == partner.email_key:
        raise _wrong("email", _("This is your own address."))
    if address in opted_out([address]):
        raise _wrong("email", _("We may not write to this address. Copy your link and send it yourself."))
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    invitation = _noted(partner, address)
    invitation.mail = letters.write_friend(
        partner, code, address, words=words, key=str(invitation.pk), language=language or partner.language
    )
    invitation.save(update_fields=["mail"])
    return invitation


def _noted(partner: Partner, address: str) -> Invitation:
    since = timezone.now() - timedelta(days=1)
    sent = partner.invitations.filter(channel=Channel.MAIL, sent_at__gt=since).exclude(address_digest="")
    if sent.count() >= MOST_A_DAY:
        sentence = _("That was %(most)s mails within a day. Go on tomorrow, or copy your link.") % {"most": MOST_A_DAY}
        raise DomainError(sentence, code="too_many", status=429)
    digest = traces.digest(normalise(address))
    if Invitation.objects.filter(address_digest=digest).exists():
        raise _wrong("email", _("This address has been written to already."))
    try:
        with transaction.atomic():
            return Invitation.objects.create(partner=partner, channel=Channel.MAIL, address_digest=digest)
    except IntegrityError:
        raise _wrong("email", _("This address has been written to already.")) from None


def note_shared(partner: Partner, channel: str) -> bool:
    """The link was copied, for this channel: once a day, however often. False where it stood there already."""
    channel = channel if channel in Channel.values else Channel.LINK.value
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    if partner.invitations.filter(channel=channel, address_digest="", sent_at__gte=today).exists():
        return False
    Invitation.objects.create(partner=partner, channel=channel)
    return True


def _wrong(name: str, sentence: str) -> DomainError:
    return DomainError(sentence, code="invalid", errors={name: [sentence]})
