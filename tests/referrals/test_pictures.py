"""What may be uploaded as a picture, told by what is in it."""

import struct

import pytest

from accounts.exceptions import DomainError
from referrals.domain.images import MOST_BYTES, Picture, picture_in

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 320, 50) + b"\x08\x06\x00\x00\x00"
GIF = b"GIF89a" + struct.pack("<HH", 88, 31) + b"\x00\x00\x00"
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF"
    + b"\x00" * 10
    + b"\xff\xc0\x00\x11\x08"
    + struct.pack(">HH", 250, 300)
    + b"\x03\x01"
)
WEBP = (
    b"RIFF\x00\x00\x00\x00WEBPVP8X\n\x00\x00\x00"
    + b"\x00" * 4
    + (727).to_bytes(3, "little")
    + (89).to_bytes(3, "little")
)


@pytest.mark.parametrize(
    ("data", "picture"),
    [
        (PNG, Picture("image/png", 320, 50)),
        (GIF, Picture("image/gif", 88, 31)),
        (JPEG, Picture("image/jpeg", 300, 250)),
        (WEBP, Picture("image/webp", 728, 90)),
    ],
)
def test_pictures_are_known_by_what_is_in_them(data, picture):
    assert picture_in(data) == picture


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\x89PNG\r\n\x1a\n<script>",
        PNG[:16] + struct.pack(">II", 0, 0),
        PNG[:16] + struct.pack(">II", 100_000, 10),
        b"\xff\xd8\xff\xe0\x00\x00",
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WAVEfmt \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        b"%PDF-1.7",
        PNG + b"\x00" * MOST_BYTES,
    ],
)
def test_anything_else_is_refused_with_a_sentence(data):
    with pytest.raises(DomainError) as refused:
        picture_in(data)

    assert list(refused.value.errors) == ["image"]
