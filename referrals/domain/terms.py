"""Terms of a program, in versions: published they stay, and partners accept one by its number and date."""

from collections.abc import Mapping
from datetime import date

import nh3
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from accounts.domain.activity import Actor, Who
from accounts.domain.text import prose
from accounts.exceptions import DomainError
from referrals.models import Program, ProgramTerms

LONGEST = 40_000
_markdown = MarkdownIt("commonmark", {"html": False})
TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "h2", "h3", "h4", "blockquote", "a", "hr", "code"}
SCHEMES = {"https", "http", "mailto"}


def current_terms(program: Program, today: date | None = None) -> ProgramTerms | None:
    """The latest version that is in force."""
    in_force = program.terms.filter(published_at__isnull=False, valid_from__lte=today or timezone.localdate())
    return in_force.order_by("-number").first()


@transaction.atomic
def publish_terms(program: Program, texts: Mapping[str, str], valid_from: date, *, by: Who = None) -> ProgramTerms:
    """The next version. Who has accepted an earlier one is asked again on their page."""
    kept = {code: text for code, given in texts.items() if (text := prose(given, LONGEST, field=f"text_{code}"))}
    if not kept:
        raise _wrong(f"text_{settings.LANGUAGE_CODE}", _("Write them in one language at least."))
    Program.objects.select_for_update().get(pk=program.pk)
    latest = program.terms.order_by("-number").first()
    if latest and valid_from < latest.valid_from:
        raise _wrong("valid_from", _("The version before it begins later than that."))
    number = (program.terms.aggregate(most=Max("number"))["most"] or 0) + 1
    return ProgramTerms.objects.create(
        program=program, number=number, texts=kept, valid_from=valid_from,
        published_at=timezone.now(), published_by=Actor.of(by).user,
    )  # fmt: skip


def _wrong(name: str, sentence: str) -> DomainError:
    return DomainError(sentence, code="invalid", errors={name: [sentence]})


def text_of(terms: ProgramTerms, language: str) -> tuple[str, str]:
    """The text, and the language it is in: the reader's, else the house's, else the one there is."""
    for code in (language, settings.LANGUAGE_CODE, *terms.texts):
        if terms.texts.get(code):
            return terms.texts[code], code
    return "", settings.LANGUAGE_CODE


def as_html(text: str) -> SafeString:
    """Markdown, with nothing of it left that could do anything but be read."""
    cleaned = nh3.clean(
        _markdown.render(text), tags=TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto"}
    )
    return mark_safe(cleaned)  # noqa: S308 - nh3 has just made it so
