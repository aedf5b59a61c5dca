"""What stands in an address and opens doors never reaches a log or an error report."""

import re
from collections.abc import MutableMapping
from typing import Any

# Personal links, calendars, a new password: /n/<token>/ becomes /n/…/.
SECRET = re.compile(r"(/(?:c|n|i|u|p|b|calendar|password/reset/key)/)[^/\s?#'\"<>&]+")


def hidden(value: Any) -> Any:
    """The same with no secret in any text of it, however deep."""
    if isinstance(value, str):
        return SECRET.sub(r"\1…", value)
    if isinstance(value, dict):
        return {key: hidden(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(hidden, value)) if type(value) in {list, tuple} else value
    return value


def in_logs(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """For structlog; the last to touch what the formatter prints, so that tracebacks are texts already."""
    return {key: value if key.startswith("_") else hidden(value) for key, value in event.items()}


def in_reports(event: Any, _hint: Any) -> Any:
    """For Sentry: the request's address, the transaction's name, breadcrumbs, variables of frames."""
    return hidden(event)
