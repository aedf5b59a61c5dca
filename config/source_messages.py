"""What the code and the templates say, as xgettext finds it."""

import io
import shutil
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.core.management import call_command
from django.core.management.commands import makemessages

OPTIONS = {
    "locale": ["fr", "ro"],
    "ignore_patterns": [".*", "tests", "node_modules"],
    "no_wrap": True,
    "no_location": True,
    "no_obsolete": True,
    "verbosity": 0,
}


def gettext_is_installed() -> bool:
    return shutil.which("xgettext") is not None


class CollectMessages(makemessages.Command):
    """makemessages up to the point where it would write: the collected texts are kept instead."""

    collected = ""

    def write_po_file(self, potfile: str, locale: str) -> None:
        # xgettext leaves the plural rule to each language; Babel wants one.
        self.collected = Path(potfile).read_text().replace("nplurals=INTEGER; plural=EXPRESSION", "nplurals=2")


def source_catalogue() -> Catalog | None:
    if not gettext_is_installed():
        return None
    command: Any = CollectMessages()
    call_command(command, **OPTIONS)
    return read_po(io.StringIO(command.collected))
