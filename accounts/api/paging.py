"""Pages of lists: a cursor is a place between two rows, so that none is skipped or shown twice."""

from base64 import b64decode
from urllib.parse import parse_qs

from django.utils.translation import gettext as _, gettext_lazy
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


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
            return self.page_size
        if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= self.max_page_size):
            sentence = _("A page has 1 to %(most)s rows.") % {"most": self.max_page_size}
            raise ValidationError({self.page_size_query_param: [sentence]})
        return int(given)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """DRF's, but one that nobody of ours made is a refusal: it would reach the database as it is."""
        given = request.query_params.get(self.cursor_query_param)
        if given is None:
            return None
        try:
            tokens = parse_qs(b64decode(given.encode("ascii"), validate=True).decode("ascii"), strict_parsing=True)
            position = int(tokens["p"][0]) if "p" in tokens else None
            offset = int(tokens.get("o", ["0"])[0])
            if not (0 <= offset <= self.offset_cutoff and abs(position or 0) < 2**63):
                raise ValueError(given)
            return Cursor(offset, tokens.get("r", ["0"])[0] == "1", None if position is None else str(position))
        except (ValueError, KeyError):
            raise BadCursor from None
