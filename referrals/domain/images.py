"""Pictures that admins upload for promoters: told by what is in the file, not by what it is called."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts import formats
from accounts.exceptions import DomainError

MOST_BYTES = 1024 * 1024
LARGEST = 4096  # pixels either way: what is larger is no banner


@dataclass(frozen=True)
class Picture:
    type: str
    width: int
    height: int


def picture_in(data: bytes) -> Picture:
    """What a browser would show. DomainError for what is too large, or none of the kinds that carry no script."""
    if len(data) > MOST_BYTES:
        raise _refused(_("This picture is larger than %(most)s KB.") % {"most": formats.number(MOST_BYTES // 1024)})
    found = next((read(data) for start, read in KINDS if data.startswith(start)), None)
    if found is None or not (found.width and found.height):
        raise _refused(_("This is no picture we can take. PNG, JPEG, GIF and WebP are."))
    if max(found.width, found.height) > LARGEST:
        raise _refused(_("This picture is wider or higher than %(most)s pixels.") % {"most": LARGEST})
    return found


def _refused(sentence: str) -> DomainError:
    return DomainError(sentence, code="bad_picture", errors={"image": [sentence]})


def _png(data: bytes) -> Picture | None:
    if len(data) < 24 or data[12:16] != b"IHDR":
        return None
    return Picture("image/png", *struct.unpack(">II", data[16:24]))


def _gif(data: bytes) -> Picture | None:
    return Picture("image/gif", *struct.unpack("<HH", data[6:10])) if len(data) >= 13 else None


def _webp(data: bytes) -> Picture | None:
    if len(data) < 30 or data[8:12] != b"WEBP":
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (size & 0x3FFF for size in struct.unpack("<HH", data[26:30]))
    else:
        return None
    return Picture("image/webp", width, height)


def _jpeg(data: bytes) -> Picture | None:
    """Its size stands in the first frame's header, behind segments that each tell their length."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        mark = data[at + 1]
        if mark in range(0xC0, 0xD0) and mark not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return Picture("image/jpeg", width, height)
        at += 2 + max(2, struct.unpack(">H", data[at + 2 : at + 4])[0])
    return None


KINDS: tuple[tuple[bytes, Callable[[bytes], Picture | None]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8\xff", _jpeg),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"RIFF", _webp),
)
