"""JSON as strangers send it: too large, too deep or not quite JSON is a refusal, never a crash."""

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import IO, Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _, gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

HALF = re.compile(rb"\\u[dD][89a-fA-F]")


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("This is too large for one call: send it in several.")


class JsonParser(BaseParser):
    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise TooLarge
        try:
            # utf-8-sig: some programs put a byte order mark before it.
            data = json.loads(body.decode("utf-8-sig"), parse_float=_finite, parse_constant=_no_number)
            if HALF.search(body):  # perhaps half a character, which nobody can store or send back
                json.dumps(data, ensure_ascii=False).encode()
            return data
        except UnicodeEncodeError:
            raise ParseError(_("This has half a character: a lone surrogate.")) from None
        except RecursionError:
            raise ParseError(_("This is nested too deeply.")) from None
        except ValueError as error:
            raise ParseError(_("This is no JSON: %(why)s") % {"why": str(error)[:200]}) from None


def _finite(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else _no_number(text)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name[:40]} is no JSON number")
