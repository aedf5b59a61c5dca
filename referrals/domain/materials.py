"""What partners pass on: texts, links and pictures, per channel and language."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.domain.activity import Who
from accounts.domain.languages import first_supported
from accounts.domain.text import one_line, prose
from accounts.exceptions import DomainError
from referrals.domain.images import picture_in
from referrals.enums import Channel, MaterialKind
from referrals.models import Material, Program

MOST = 200  # of one program
LONGEST = 4000
# What is filled in where a partner sees it.
PLACE = re.compile(r"\{(link|code|name)\}")


@transaction.atomic
def save_material(material: Material, *, image: bytes | None = None, by: Who = None) -> Material:
    """New or changed; a picture that is not sent again stays."""
    material.title = one_line(material.title, 160, field="title")
    material.body = prose(material.body, LONGEST, field="body")
    material.language = first_supported(material.language)
    if not material.title:
        raise _wrong("title", _("This cannot be empty."))
    if image is not None:
        material.image_type, material.image = picture_in(image).type, image
    _check(material)
    if material._state.adding:
        _place(material)
    material.save()
    return material


def _check(material: Material) -> None:
    if material.kind == MaterialKind.TEXT and not material.body:
        raise _wrong("body", _("This cannot be empty."))
    if material.kind == MaterialKind.IMAGE and not material.image:
        raise _wrong("image", _("Choose a picture."))
    if material.kind == MaterialKind.LINK and material.url not in material.program.landing_urls:
        raise _wrong("url", _("Choose one of the program's addresses."))
    if material.kind != MaterialKind.LINK:
        material.url = ""
    if material.kind != MaterialKind.IMAGE:
        material.image, material.image_type = None, ""


def _place(material: Material) -> None:
    Program.objects.select_for_update().get(pk=material.program_id)
    rows = material.program.materials.all()
    if rows.count() >= MOST:
        raise DomainError(_("A program has at most %(most)s pieces of material.") % {"most": MOST}, code="too_many")
    material.position = (rows.aggregate(most=Max("position"))["most"] or 0) + 1


def delete_material(material: Material, *, by: Who = None) -> None:
    material.delete()


def _wrong(name: str, sentence: str) -> DomainError:
    return DomainError(sentence, code="invalid", errors={name: [sentence]})


# As a partner sees it -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """One of them, with the partner's own link and code in it."""

    material: Material
    text: str
    link: str


def pieces_for(
    program: Program, language: str, channels: Iterable[str], filled: dict[str, Any]
) -> list[tuple[Channel, list[Piece]]]:
    """Grouped by channel: in the reader's language, or those there are where a channel has none in it. Pictures are
    not loaded: they have addresses of their own."""
    rows = list(program.materials.filter(active=True, channel__in=list(channels)).defer("image"))
    return [
        (channel, [_piece(row, filled) for row in _in_language([r for r in rows if r.channel == channel], language)])
        for channel in Channel
        if any(row.channel == channel for row in rows)
    ]


def _in_language(rows: list[Material], language: str) -> list[Material]:
    return [row for row in rows if row.language == language] or rows


def _piece(material: Material, filled: dict[str, Any]) -> Piece:
    link = channeled(filled["link"], material.channel, material.url)
    return Piece(material, fill(material.body, {**filled, "link": link}), link)


def channeled(link: str, channel: str, wanted: str = "") -> str:
    """The link, saying by which channel it is passed on and, where it does not lead there by itself, to which page."""
    told = {"c": "" if channel == Channel.LINK else channel, "to": wanted}
    query = urlencode({name: value for name, value in told.items() if value})
    return f"{link}?{query}" if query else link


def fill(text: str, filled: dict[str, Any]) -> str:
    """{link}, {code} and {name}, in one go; anything else in braces stays as it was written."""
    return PLACE.sub(lambda found: str(filled.get(found[1], "")), text)
