"""What tests of the queue's pages look at: which rows stand under which heading, and browsers that have htmx."""

import re
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.accounts.spine import make_account, make_follow_up

HEADING = re.compile(r'<li class="group" id="g-(\w+)">|<li class="fu[^"]*" id="f(\d+)"')


def htmx(target: str = "queue-list", url: str = "http://testserver/") -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": target, "HX-Current-URL": url}


def shown(response: HttpResponse) -> dict[str, list[int]]:
    """Ids of follow-ups by group, in their order."""
    found: dict[str, list[int]] = {}
    group = "continued"
    for heading, pk in HEADING.findall(response.content.decode()):
        group = heading or group
        if pk:
            found.setdefault(group, []).append(int(pk))
    return found


def ids(response: HttpResponse) -> list[int]:
    return [pk for group in shown(response).values() for pk in group]


def words(response: HttpResponse) -> str:
    """What a person reads: without tags, spaces collapsed."""
    text = re.sub(r"<(script|style|svg|head).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(text).split())


def mark(response: HttpResponse) -> str:
    return re.search(r'data-mark="(\w+)"', response.content.decode())[1]  # type: ignore[index]


def many(count: int, csm: Any, **fields: Any) -> list[Any]:
    return [make_follow_up(make_account(f"Company {n}", csm=csm, mrr=n), **fields) for n in range(count)]


def post(client: Client, url: str, data: dict[str, Any], *, page: str | None = None) -> HttpResponse:
    """From the queue with htmx, where `page` is the address that is open; else as a plain form."""
    headers = htmx("act-form", f"http://testserver{page}") if page else {}
    return client.post(url, data, headers=headers)
