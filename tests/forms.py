"""What a browser sends of a form in a page, as it stands there."""

from collections import defaultdict
from html.parser import HTMLParser


def filled_in(page: str, name: str) -> dict[str, list[str]]:
    """Of the form that has a field of this name."""
    reader = Reader()
    reader.feed(page)
    return next(dict(form) for form in reader.forms if name in form)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[defaultdict[str, list[str]]] = []
        self.choosing = self.writing = ""
        self.chosen: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.forms.append(defaultdict(list))
        elif tag == "input" and name and self.is_sent(given):
            self.forms[-1][name].append(given.get("value", "on" if "checked" in given else ""))
        elif tag == "select":
            self.choosing, self.chosen = name, []
        elif tag == "option" and self.choosing and (not self.chosen or "selected" in given):
            self.chosen = [given.get("value", "")]
        elif tag == "textarea" and name:
            self.writing = name
            self.forms[-1][name].append("")

    @staticmethod
    def is_sent(given):
        return "disabled" not in given and (given.get("type") not in {"checkbox", "radio"} or "checked" in given)

    def handle_data(self, data):
        if self.writing:
            self.forms[-1][self.writing][-1] += data

    def handle_endtag(self, tag):
        if tag == "select" and self.choosing:
            self.forms[-1][self.choosing] += self.chosen
            self.choosing = ""
        elif tag == "textarea" and self.writing:
            self.forms[-1][self.writing][-1] = self.forms[-1][self.writing][-1].removeprefix("\n")
            self.writing = ""
