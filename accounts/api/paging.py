"""Pages of lists: a cursor is a place between two rows, so that none is skipped or shown twice."""

import re

from django.utils.translation import gettext as _, gettext_lazy
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

# Forward or back, from which id, and how many rows beyond it.
CURSOR = r"^[fb][0-9]{0,18}(o[0-9]{1,3})?$"
READ = re.compile("([fb])([0-9]{0,18})(?:o([0-9]{1,3}))?")


class BadCursor(ParseError):
    default_detail = gettext_lazy("This cursor is not one of ours: take `next` or `previous` as it was given.")
    default_code = "bad_cursor"


class CursorPages(CursorPagination):
    ordering = "id"
    page_size_query_param = "page_size"
    max_page_size = 500

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return self.page_size or self.max_page_size
        if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= self.max_page_size):
            sentence = _("A page has 1 to %(most)s rows.") % {"most": self.max_page_size}
            raise ValidationError({self.page_size_query_param: [sentence]})
        return int(given)

    def encode_cursor(self, cursor: Cursor) -> str:
        beyond = f"o{cursor.offset}" if cursor.offset else ""
        place = f"{'b' if cursor.reverse else 'f'}{cursor.position or ''}{beyond}"
        return replace_query_param(self.base_url, self.cursor_query_param, place)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """One that nobody of ours made is a refusal: it would reach the database as it is."""
        given = request.query_params.get(self.cursor_query_param)
        if given is None:
            return None
        if not (read := READ.fullmatch(given)):
            raise BadCursor
        way, position, offset = read.groups()
        return Cursor(int(offset or 0), way == "b", position or None)  # type: ignore[arg-type]  # DRF keeps text
