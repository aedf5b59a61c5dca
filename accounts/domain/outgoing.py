"""Requests to addresses that people give us: none of them reaches a network of our own.

A name is resolved once, what it resolves to is judged, and the connection goes to that very address: what was judged
is what is asked, whatever the name says a moment later. Each redirect is judged anew. An answer has a limit in size,
and all of it together a limit in time, however slowly it drips.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

SCHEMES = {"http": 80, "https": 443}
LONGEST = 2000  # of an address
REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 5
PIECE = 64 * 1024
TO_CONNECT = 5  # seconds, for each address of a name
PLAIN = "/%?:@!$&'()*+,;=~-._[]"  # of a path and a query
AGENT = "Tenure"
# Networks in which an IPv4 address is written into an IPv6 one: it is that one that is reached.
TRANSLATED = [ipaddress.IPv6Network(n) for n in ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96")]
# What the library of this Python takes for public; the last one is, but in Azure it is the cloud's own.
INSIDE = [
    ipaddress.ip_network(n)
    for n in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "fec0::/10", "2001::/32", "168.63.129.16/32")
]

# What went wrong, told to the person whose address it is.
PROBLEMS: dict[str, Any] = {
    "address": _("This is not the address of a file on the web (https://…)."),
    "private": _("This address leads into a private network, which is not asked from here."),
    "unknown_host": _("Nobody knows the computer that the address names."),
    "refused": _("The computer that the address names does not answer."),
    "tls": _("The connection is not safe: the certificate of the other side is not valid."),
    "timeout": _("The answer took too long."),
    "too_large": _("The answer is too large."),
    "redirects": _("The address leads from one to the next without end."),
    "downgrade": _("The address leads on to one that is not protected (http)."),
    "broken_off": _("The answer broke off in the middle."),
    "not_http": _("What answers there is no web server."),
}  # fmt: skip


class NoAnswer(Exception):
    """A key of PROBLEMS."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""


def ask(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    most: int = 1 << 20,
    seconds: float = 20,
    redirects: int = MOST_REDIRECTS,
    cut: bool = False,
) -> Answer:
    """The answer, whatever its status; NoAnswer where there is none to be had. Without `redirects`, one that leads on
    is an answer too. `cut`: of a long body its beginning will do."""
    with _deadline(seconds) as watch:
        for _hop in range(redirects + 1):
            answer = _ask_once(watch, checked(url), method, {"User-Agent": AGENT, **(headers or {})}, body, most, cut)
            if not redirects or answer.status not in REDIRECTS or not answer.headers.get("location"):
                return answer
            url = _onward(url, answer.headers["location"])
    raise NoAnswer("redirects")


def _onward(url: str, location: str) -> str:
    try:
        following = urljoin(url, location)
    except ValueError:
        raise NoAnswer("address") from None
    if url.startswith("https:") and not following.startswith("https:"):
        raise NoAnswer("downgrade")
    return following


# Which addresses ---------------------------------------------------------------------------------


def checked(url: str) -> SplitResult:
    """A plain address of the web: no name and password in it, no port of other services."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise NoAnswer("address") from None
    plain = len(url) <= LONGEST and url.isprintable() and " " not in url
    usual = port in {None, 80, 443} or (port or 0) >= 1024
    if not (plain and usual and host and parts.scheme in SCHEMES) or parts.username is not None:
        raise NoAnswer("address")
    return parts


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, all of them outside; however a number is written, it is the resolver that reads it."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoAnswer("unknown_host") from None
    addresses = [str(row[4][0]) for row in found]
    if not all(is_outside(address) for address in addresses):
        raise NoAnswer("private")
    return addresses


def is_outside(text: str) -> bool:
    """Whether it is somebody else's: not private, loopback, link-local (a cloud's own), multicast or reserved."""
    try:
        address = _meant(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if _is_allowed(address):
        return True
    inside = any(address in network for network in INSIDE)
    return address.is_global and not (address.is_multicast or address.is_reserved or inside)


def is_allowed(text: str) -> bool:
    """Whether it is in a network of our own that may be asked all the same."""
    try:
        return _is_allowed(_meant(ipaddress.ip_address(text.partition("%")[0])))
    except ValueError:
        return False


def _is_allowed(address: Address) -> bool:
    return any(address in ipaddress.ip_network(network) for network in settings.OUTGOING_NETWORKS)


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and any(address in network for network in TRANSLATED):
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


# One request -------------------------------------------------------------------------------------


class Watch:
    """Ends the connection when the time is over: a time-out of each read alone would let an answer drip for hours."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.over = seconds, False
        self.socket: socket.socket | None = None
        self.timer = threading.Timer(seconds, self.end)
        self.timer.daemon = True

    def end(self) -> None:
        self.over = True
        if self.socket is not None:
            with suppress(OSError):  # it has ended by itself
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


@contextmanager
def _deadline(seconds: float) -> Iterator[Watch]:
    watch = Watch(seconds)
    watch.timer.start()
    try:
        yield watch
    except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
        raise NoAnswer("timeout" if watch.over else _problem(error)) from None
    finally:
        watch.timer.cancel()


def _problem(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "tls"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(
        error, http.client.IncompleteRead | http.client.RemoteDisconnected | ConnectionResetError | zlib.error
    ):
        return "broken_off"
    return "refused" if isinstance(error, OSError) else "not_http"


def _ask_once(  # noqa: PLR0917 - what a request is made of
    watch: Watch, url: SplitResult, method: str, headers: Mapping[str, str], body: bytes | None, most: int, cut: bool
) -> Answer:
    connection = _connection(watch, url)
    try:
        target = quote((url.path or "/") + (f"?{url.query}" if url.query else ""), safe=PLAIN)
        connection.request(method, target, body, {"Connection": "close", "Accept-Encoding": "gzip", **headers})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        content = b"" if response.status in REDIRECTS else response.read(most) if cut else _body(response, most)
        if watch.over:
            raise NoAnswer("timeout")
        return Answer(response.status, found, content)
    finally:
        connection.close()


def _connection(watch: Watch, url: SplitResult) -> http.client.HTTPConnection:
    host, port = (url.hostname or "").encode("idna").decode("ascii"), url.port or SCHEMES[url.scheme]
    connection = http.client.HTTPConnection(host, url.port or SCHEMES[url.scheme])
    connection.sock = _connected(resolved(host, port), port, watch)
    if url.scheme == "https":
        connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        connection.default_port = SCHEMES["https"]
        watch.socket = connection.sock
    if watch.over:
        raise NoAnswer("timeout")
    return connection


def _connected(addresses: list[str], port: int, watch: Watch) -> socket.socket:
    for address in addresses[:3]:
        try:
            watch.socket = socket.create_connection((address, port), min(TO_CONNECT, watch.seconds))
        except OSError:
            continue
        watch.socket.settimeout(watch.seconds)
        return watch.socket
    raise NoAnswer("timeout" if watch.over else "refused")


def _body(response: http.client.HTTPResponse, most: int) -> bytes:
    """At most so much, also once unpacked."""
    unpack = (
        zlib.decompressobj(47) if response.headers.get("content-encoding", "").lower() in {"gzip", "deflate"} else None
    )
    pieces, size = list[bytes](), 0
    if (response.length or 0) > most:
        raise NoAnswer("too_large")
    while piece := response.read(PIECE):
        while piece:
            part = unpack.decompress(piece, PIECE) if unpack else piece
            piece = unpack.unconsumed_tail if unpack else b""
            size += len(part)
            if size > most:
                raise NoAnswer("too_large")
            pieces.append(part)
    if response.length or (unpack and not unpack.eof and size):
        raise NoAnswer("broken_off")
    return b"".join(pieces)
