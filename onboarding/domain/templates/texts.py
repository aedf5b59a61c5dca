"""What a step says: in the reader's language, its Markdown made harmless."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Protocol

import nh3
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from accounts.domain.languages import supported

# Pictures would be fetched from elsewhere: neither the reader's address nor our page is theirs to have.
TAGS = {"p", "br", "strong", "em", "s", "a", "ul", "ol", "li", "blockquote", "code", "pre", "hr", "table", "thead"} | {
    "tbody", "tr", "th", "td"
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"https", "http", "mailto"}


class Said(Protocol):
    texts: Any


@dataclass(frozen=True)
class StepText:
    title: str
    text: str  # Markdown
    language: str  # the one it is in: not always the one that was asked for

    @property
    def html(self) -> SafeString:
        return rendered(self.text)


def text_of(step: Said, language: str = "") -> StepText:
    """In that language; where the step has none in it, in ours, else in any it has."""
    for code in (supported(language), settings.LANGUAGE_CODE, *step.texts):
        said: Mapping[str, str] = step.texts.get(code) or {}
        if said.get("title"):
            return StepText(said["title"], said.get("text", ""), code)
    return StepText(getattr(step, "key", ""), "", settings.LANGUAGE_CODE)


def html_of(step: Said, language: str = "") -> SafeString:
    return text_of(step, language).html


@lru_cache(maxsize=1024)
def rendered(text: str) -> SafeString:
    """Kept: the steps of a template are read by everybody who has its checklist."""
    clean = nh3.clean(
        _markdown().render(text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes={"p": {"heading"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308 - nh3 has just taken out everything that is not on the lists above


@cache
def _markdown() -> MarkdownIt:
    """HTML stays text, a line is a line, pictures are links."""
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    markdown.disable("image")
    markdown.core.ruler.push("headings", _without_headings)
    return markdown


def _without_headings(state: StateCore) -> None:
    """The page has headings of its own, in an order of its own: here they are lines that stand out."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "p"
            if token.nesting == 1:
                token.attrSet("class", "heading")
