"""Rows of which a page has many: the template of one is not walked through for each, it is drawn once with its places
left open, and every row fills them."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe


def drawn(template: str, places: Iterable[str], flags: Mapping[str, Any]) -> str:
    """The markup of a row (`r` in its template), with %(name)s where its texts and parts go."""
    open_places = {name: f"\x02{name}\x03" for name in places}
    markup = get_template(template).render({"r": open_places | dict(flags)}).strip().replace("%", "%%")
    for name, place in open_places.items():
        markup = markup.replace(place, f"%({name})s")
    return markup


def filled(markup: str, texts: Mapping[str, str], parts: dict[str, str]) -> SafeString:
    # Safe: the markup is our own template's, each text is escaped here, and the parts come escaped from our tags.
    return mark_safe(markup % ({name: escape(text) for name, text in texts.items()} | parts))  # noqa: S308
