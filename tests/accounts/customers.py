"""Accounts for tests of the list and of the account page, and readings of what those show."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from django.test import Client

from accounts.models import Account, Segment

_number = itertools.count(1)

# Text as people and attackers send it; each must come back as it went in, and never as markup.
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert('x')>",
    "{{ 7|add:7 }} {% now 'Y' %} {0} {name} %(title)s %s",
    "'; DROP TABLE accounts_account; --",
    "\u202e\u202drotl\u2066 Zalgo\u0338\u0336 \U0001d54f \U0001f469\u200d\U0001f467 مرحبا",
    "../../etc/passwd\\x00 \\u202e",
)


def account(name: str = "Acme", **fields: Any) -> Account:
    return Account.objects.create(**{"external_id": f"c-{next(_number)}", "name": name, **fields})


def segment(name: str) -> Segment:
    return Segment.objects.create(key=name.lower().replace(" ", "-"), name=name)


def names(html: bytes | str) -> list[str]:
    """The accounts of a list page, in their order."""
    text = html.decode() if isinstance(html, bytes) else html
    return re.findall(r'<a class="title" data-open href="[^"]*">([^<]*)</a>', text)


def listed(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/accounts/?{query}")
    assert response.status_code == 200
    return names(response.content)


def pages(client: Client, query: str = "", *, rel: str = "next") -> Iterator[list[str]]:
    """Page after page, by the links of the pager."""
    address: str | None = f"/accounts/?{query}"
    while address:
        html = client.get(address).content.decode()
        yield names(html)
        found = re.search(rf'rel="{rel}"[^>]* href="([^"]*)"', html)
        address = "/accounts/" + found[1].replace("&amp;", "&") if found else None
