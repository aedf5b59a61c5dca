"""A letter in its reader's language and zone: subject, text, and HTML with its style sheet written into it."""

from typing import NamedTuple

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.domain.mails.letters import SUBJECT_LENGTH, Letter, one_header_line, storable
from accounts.domain.text import shortened

# Mail programs drop style sheets. What only sheets can say (dark mode, phones) stays in one that is left alone.
_inliner = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


class Words(NamedTuple):
    subject: str
    text: str
    html: str


def words_of(letter: Letter, unsubscribe_url: str = "") -> Words:
    with translation.override(letter.read_in()), timezone.override(letter.read_at()):
        words = _rendered(letter, unsubscribe_url) if letter.template else _given(letter)
    subject = shortened(one_header_line(words.subject), SUBJECT_LENGTH)
    return Words(storable(subject), storable(words.text), storable(words.html))


def _given(letter: Letter) -> Words:
    return Words(letter.subject, letter.text, letter.html)


def _rendered(letter: Letter, unsubscribe_url: str) -> Words:
    name = f"emails/{letter.template}"
    context = {
        "company": settings.COMPANY_NAME,
        "base_url": settings.BASE_URL,
        "contact": letter.contact,
        "unsubscribe_url": unsubscribe_url,
        "LANGUAGE_CODE": translation.get_language(),
        **letter.context,
    }
    subject = render_to_string(f"{name}.subject.txt", context, using="text")
    html = render_to_string(f"{name}.html", context | {"subject": one_header_line(subject)})
    parts = [render_to_string(part, context, using="text").strip() for part in (f"{name}.txt", "emails/foot.txt")]
    return Words(subject, "\n\n".join(filter(None, parts)) + "\n", _inliner.inline(html))
