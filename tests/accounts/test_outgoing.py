"""Addresses that people give us: nothing of our own network is reached, and nothing hangs, swells or leads on."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from accounts.domain.outgoing import PROBLEMS, NoAnswer, ask, checked, is_outside

Script = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def site(settings) -> Iterator[tuple[str, dict[str, Script]]]:
    """A web server of the test's own, on an address that is allowed just here."""
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    scripts: dict[str, Script] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            scripts[self.path.partition("?")[0]](self)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", scripts
    server.shutdown()
    server.server_close()


def answer(body: bytes = b"", status: int = 200, **headers: str) -> Script:
    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return write


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "168.63.129.16", "0.0.0.0",
        "255.255.255.255", "224.0.0.1", "192.0.0.192", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1",
        "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2001:0:7f00:1::1", "not an address",
    ],
)  # fmt: skip
def test_what_is_ours_is_not_outside(address) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_what_is_elsewhere_is(address) -> None:
    assert is_outside(address)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ftp://example.com/a", "address"),
        ("file:///etc/passwd", "address"),
        ("https://", "address"),
        ("https://me:secret@example.com/", "address"),
        ("https://example.com:25/", "address"),
        ("https://example.com:99999/", "address"),
        ("https://example.com/a b", "address"),
        ("https://example.com/\r\nX: y", "address"),
        (f"https://example.com/{'a' * 2000}", "address"),
        ("https://" + "a" * 64 + ".com/", "address"),
        ("http://localhost/", "private"),
        ("http://127.1/", "private"),
        ("http://2130706433/", "private"),
        ("http://0x7f.0.0.1/", "private"),
        ("http://0177.0.0.1/", "private"),
        ("http://[::1]/", "private"),
        ("http://[::ffff:169.254.169.254]/latest/meta-data/", "private"),
    ],
)
def test_addresses_that_are_not_asked(url, problem) -> None:
    with pytest.raises(NoAnswer, match=f"^{problem}$"):
        ask(url, seconds=5)
    assert PROBLEMS[problem]


def test_a_name_that_leads_inside_is_not_asked_also_if_it_leads_outside_too(monkeypatch) -> None:
    def resolve(host: str, port: int, **_kwargs: object) -> list:
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.7", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(NoAnswer, match="private"):
        ask("https://calendar.example/x.ics")


def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch, site) -> None:
    """A name that answers something else a moment later is not asked a second time."""
    url, pages = site
    seen, asked = [], []
    pages["/x"] = lambda handler: (seen.append(handler.headers["Host"]), answer(b"hello")(handler))
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: object, **kwargs: object) -> list:
        if host == "rebinding.example":
            asked.append(host)
            return [(2, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "10.0.0.7", port))]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    port = checked(url).port

    assert ask(f"http://rebinding.example:{port}/x").body == b"hello"
    assert (asked, seen) == (["rebinding.example"], [f"rebinding.example:{port}"])


def test_what_comes_back_comes_whole(site) -> None:
    url, pages = site
    pages["/plain"] = answer(b"x" * 100_000, ETag='"1"')
    pages["/packed"] = answer(gzip.compress(b"y" * 200_000), Content_Encoding="gzip")
    pages["/moved"] = answer(status=302, Location="/plain")
    pages["/missing"] = answer(b"no", status=404)

    assert ask(f"{url}/plain?q=ö").body == b"x" * 100_000
    assert ask(f"{url}/moved").headers["etag"] == '"1"'
    assert ask(f"{url}/packed").body == b"y" * 200_000
    assert ask(f"{url}/missing").status == 404


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65_536)
    except OSError:
        pass


def _dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n")
    try:
        for _time in range(1000):
            handler.wfile.write(b"X-A: b\r\n")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (answer(b"x", Content_Length="99999999"), "too_large"),
        (_endless, "too_large"),
        (answer(gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip"), "too_large"),
        (answer(gzip.compress(b"0" * 5_000)[:-9], Content_Encoding="gzip"), "broken_off"),
        (answer(b"half", Content_Length="100"), "broken_off"),
        (_dripping, "timeout"),
        (lambda handler: time.sleep(50), "timeout"),
        (answer(status=301, Location="/x"), "redirects"),
        (answer(status=301, Location="http://169.254.169.254/"), "private"),
        (answer(status=301, Location="http://[half"), "address"),
        (answer(status=301, Location="ftp://example.com/"), "address"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n"), "not_http"),
        (lambda handler: None, "broken_off"),
    ],
)
def test_answers_that_are_none(site, page, problem) -> None:
    url, pages = site
    pages["/x"] = page

    with pytest.raises(NoAnswer, match=f"^{problem}$"):
        ask(f"{url}/x", most=1 << 20, seconds=0.4 if problem == "timeout" else 60)


def test_what_was_protected_does_not_lead_on_to_what_is_not(monkeypatch) -> None:
    from accounts.domain import outgoing

    monkeypatch.setattr(outgoing, "_ask_once", lambda *_args: outgoing.Answer(302, {"location": "http://example.com/"}))
    with pytest.raises(NoAnswer, match="downgrade"):
        ask("https://example.com/")


def test_nobody_is_there(site) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NoAnswer, match="refused"):
        ask(f"http://127.0.0.1:{port}/")
    with pytest.raises(NoAnswer, match=r"not_http|tls|refused|broken_off"):
        ask(f"{site[0].replace('http:', 'https:')}/")  # plain text where TLS was meant
