"""What a step says: which language, and nothing harmful."""

from html.parser import HTMLParser

import pytest

from onboarding.domain.templates import StepText, html_of, text_of
from onboarding.models import TemplateStep


def test_a_text_is_in_the_readers_language_else_in_ours_else_in_any() -> None:
    step = TemplateStep(
        key="a", texts={"en": {"title": "Hello"}, "fr": {"title": "Bonjour", "text": "Oui"}, "ro": {"title": ""}}
    )
    assert text_of(step, "fr-CA") == StepText("Bonjour", "Oui", "fr")
    assert [text_of(step, code).title for code in ("ro", "de", "")] == ["Hello"] * 3
    assert text_of(TemplateStep(texts={"ro": {"title": "Salut"}}), "fr") == StepText("Salut", "", "ro")
    assert text_of(TemplateStep(key="bare", texts={})) == StepText("bare", "", "en")


def html(text: str) -> str:
    return html_of(TemplateStep(texts={"en": {"title": "T", "text": text}})).strip()


def test_markdown_is_what_people_expect() -> None:
    assert html("# First\n**Bold** and\na line\n\n1. one\n2. two") == (
        '<p class="heading">First</p>\n<p><strong>Bold</strong> and<br>\na line</p>\n<ol>\n<li>one</li>\n<li>two</li>\n</ol>'
    )
    assert html("[Guide](https://help.example/a?b=1&c=2)") == (
        '<p><a href="https://help.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">Guide</a></p>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "![x](https://spy.example/pixel.png)",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<javascript:alert(1)>",
        '[x](https://a.example "onmouseover=alert(1)")',
        "<svg/onload=alert(1)>",
        "<p class=btn style='position:fixed'>x</p>",
        "<iframe src=https://evil.example></iframe>",
        "`<style>*{}</style>`",
    ],
)
def test_hostile_markdown_does_nothing(text: str) -> None:
    reader = Elements()
    reader.feed(html(text))
    assert reader.tags <= {"p", "a", "code"}
    assert reader.attributes.keys() <= {"href", "title", "rel"}
    assert reader.attributes.get("href", "https:").startswith("https:")


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name: value or "" for name, value in attrs}
