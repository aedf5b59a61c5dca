"""Pages through the whole of the product: its WSGI application with all middleware, called as a server calls it."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.domain.keyset import Position
from accounts.models import Account, User
from tests.bench import company, database, naive, processes
from tests.bench.measuring import Bench, Result, at_least, at_most, in_turns, measure, rounded
from tests.bench.server import application

EMPTY = "/bench/empty/"
FRAGMENT = {"HX-Request": "true"}
MOST_HTML = 100_000


@dataclass(frozen=True)
class Page:
    address: str
    headers: dict[str, str] = field(default_factory=dict)
    user: int = 0

    @property
    def all_headers(self) -> dict[str, str]:
        return {**self.headers, **({"Cookie": f"sessionid={session(self.user)}"} if self.user else {})}


EMPTY_PAGE = Page(EMPTY)


@lru_cache
def session(user: int) -> str:
    client = Client()
    client.force_login(User.objects.get(pk=user))
    return client.cookies["sessionid"].value


def get(page: Page) -> bytes:
    """What gunicorn would send."""
    status: list[str] = []
    where = urlsplit(page.address)
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": where.path,
        "QUERY_STRING": where.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": "text/html",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in page.all_headers.items()},
    }
    response = application(environ, lambda code, _headers, _error=None: status.append(code))
    body = b"".join(response)
    response.close()
    assert status[0].startswith("200"), (page.address, status)
    return body


def queries(*pages: Page) -> int:
    with CaptureQueriesContext(connection) as captured:
        for page in pages:
            get(page)
    return len(captured)


def served(connection: HTTPConnection, page: Page) -> None:
    """The same through a real server and a socket."""
    connection.request("GET", page.address, headers=page.all_headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, (page.address, answer.status)


def against_empty(pages: dict[str, Page], *, rounds: int = 15) -> dict[str, Any]:
    """Ratios through gunicorn, where an empty view costs what a request costs at least, and in this process alone."""
    here = in_turns({name: _getting(page) for name, page in {"empty": EMPTY_PAGE, **pages}.items()}, rounds=rounds)
    with processes.web() as (server, _child):
        there = in_turns(
            {name: _serving(server, page) for name, page in {"empty": EMPTY_PAGE, **pages}.items()}, rounds=rounds
        )
    return {
        name: {
            "served": there.ratio(name, "empty"),
            "in_process": rounded(here.ratio(name, "empty")),
            "ms": there.milliseconds(name),
        }
        for name in pages
    }


def _getting(page: Page) -> Callable[[], Any]:
    return lambda: get(page)


def _serving(server: HTTPConnection, page: Page) -> Callable[[], Any]:
    return lambda: served(server, page)


def judged(page: Page, found: dict[str, Any], limit: float, most_queries: int) -> Result:
    asked, size = queries(page), len(get(page))
    result = at_most(
        found["served"], limit, in_process=found["in_process"], queries=asked, query_limit=most_queries, bytes=size
    )
    result["ok"] = result["ok"] and asked <= most_queries and size <= MOST_HTML
    return result | {"milliseconds": found["ms"]}


ROW = b'<li class="fu'
QUEUE = {**FRAGMENT, "HX-Target": "queue-list"}
TEAM = Page("/?who=team", QUEUE, company.MANAGER)
MINE = Page("/", QUEUE, company.CSM)


@measure("queue_page")
def queue_page(bench: Bench) -> Result:
    """Fifty rows of everybody's follow-ups, signed in."""
    assert get(TEAM).count(ROW) == min(50, bench.scale)
    return judged(TEAM, against_empty({"team": TEAM})["team"], 15, 5)


@measure("queue_mine")
def queue_mine(bench: Bench) -> Result:
    return judged(MINE, against_empty({"mine": MINE})["mine"], 15, 5)


@measure("queue_against_instances")
def queue_against_instances(bench: Bench) -> Result:
    """How many times the requests of a page that shows the same fifty rows by model instances and a template."""
    plain = Page(naive.ADDRESS, QUEUE, company.MANAGER)
    assert get(plain).count(ROW) == min(50, bench.scale)
    series = in_turns({"ours": _getting(TEAM), "instances": _getting(plain)}, rounds=15)
    return at_least(series.ratio("instances", "ours"), 2, instances_ms=series.milliseconds("instances"))


LIST = {**FRAGMENT, "HX-Target": "accounts-found"}


def account_list(**query: str) -> Page:
    return Page(f"/accounts/?{urlencode(query)}", LIST, company.CSM)


def in_the_middle(column: str) -> str:
    accounts = Account.objects.order_by(column, "pk").values_list(column, "pk")
    value, pk = accounts[accounts.count() // 2]
    return str(Position(value, pk))


@measure("account_list")
def list_page(bench: Bench) -> Result:
    page = account_list()
    assert get(page).count(b"<tr data-row") == min(50, bench.scale)
    return judged(page, against_empty({"list": page})["list"], 12, 12)


@measure("account_list_middle")
def list_middle(bench: Bench) -> Result:
    """A page in the middle against the first one, by name and by MRR."""
    pages = {}
    for column in ("name", "mrr"):
        pages[column] = account_list(sort=column)
        pages[f"{column} middle"] = account_list(sort=column, after=in_the_middle(column))
    series = in_turns({name: _getting(page) for name, page in pages.items()}, rounds=15)
    ratios = {column: series.ratio(f"{column} middle", column) for column in ("name", "mrr")}
    return at_most(max(ratios.values()), 1.25, **{column: rounded(ratio) for column, ratio in ratios.items()})


@measure("account_list_growth")
def list_growth(bench: Bench) -> Result:
    """The list of the whole company against that of one a hundredth its size."""
    page = account_list()
    session(company.CSM)

    def in_small() -> float:
        with database.small():
            get(page)
            return min(_seconds(page) for _ in range(5))

    series = in_turns({"whole": lambda: min(_seconds(page) for _ in range(5)), "small": in_small}, rounds=9)
    return at_most(series.ratio("whole", "small"), 1.25, accounts=bench.scale, small=company.small_scale(bench.scale))


def _seconds(page: Page) -> float:
    from tests.bench.recompute import timed

    return timed(lambda: get(page))


ACCOUNT = Page(f"/accounts/{company.RICH}/", {}, company.CSM)
LOADED = re.compile(rb'hx-get="([^"]+)" hx-trigger="load"')


@measure("account_page")
def account_page(bench: Bench) -> Result:
    """The page, and every part that it loads by itself."""
    addresses = [found.decode().replace("&amp;", "&") for found in LOADED.findall(get(ACCOUNT))]
    parts = [Page(address, {**FRAGMENT, "HX-Target": "part"}, company.CSM) for address in addresses]
    pages = {ACCOUNT.address: ACCOUNT, **{part.address: part for part in parts}}
    found = against_empty(pages)
    whole, asked = sum(page["served"] for page in found.values()), queries(*pages.values())
    result = at_most(
        whole, 25, in_process=rounded(sum(page["in_process"] for page in found.values())), queries=asked, query_limit=12
    )
    return result | {
        "ok": result["ok"] and asked <= 12,
        "parts": {name: rounded(page["served"]) for name, page in found.items()},
    }


@measure("search")
def search(bench: Bench) -> Result:
    """By the beginning of a name, by a part of one, by what nobody is called."""
    texts = ("Cobalt Ro", "Robotics", f"xtiles {bench.scale // 2}", "zzzz")
    pages = {text: Page(f"/accounts/search/?{urlencode({'q': text})}", FRAGMENT, company.CSM) for text in texts}
    found = against_empty(pages)
    worst = max(found, key=lambda text: found[text]["served"])
    ratios = {text: rounded(page["served"]) for text, page in found.items()}
    return at_most(
        found[worst]["served"], 8, in_process=found[worst]["in_process"], queries=queries(pages[worst]), each=ratios
    )
