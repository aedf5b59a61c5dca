"""A link as a picture that phones read."""

import io

import qrcode
from qrcode.image.svg import SvgPathImage

QUIET = 4  # the empty edge that readers need, in squares


def svg_of(address: str) -> bytes:
    """Black on white in either theme: many readers want it that way."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET, image_factory=White)
    code.add_data(address)
    out = io.BytesIO()
    code.make_image().save(out)
    return out.getvalue()


class White(SvgPathImage):
    background = "white"
