"""Charts drawn on the server."""

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString


def sparkline(values: Sequence[Any], label: str = "", tone: str = "accent") -> SafeString:
    return format_html("{}", "")
