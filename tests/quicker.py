"""What a process that lives for minutes pays once, and the tests' many short-lived clients would pay each."""

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware

_found: dict[str, Any] = {}
_scan = WhiteNoiseMiddleware.add_files_from_finders


def _remembered(self: WhiteNoiseMiddleware) -> None:
    if not _found:
        _scan(self)
        _found.update(self.files)
    self.files.update(_found)


def find_static_files_once() -> None:
    """Every django.test.Client builds the middleware anew, and with it looks at each static file."""
    WhiteNoiseMiddleware.add_files_from_finders = _remembered
