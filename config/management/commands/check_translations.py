"""Refuses texts without a French and a Romanian translation, and compiled catalogues that are out of date."""

from typing import Any

from django.core.management import BaseCommand, CommandError

from config.catalogues import languages, po_path, problems
from config.source_messages import source_catalogue


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        source = source_catalogue()
        if source is None:
            self.stdout.write("gettext is not installed: the catalogues are judged without the code.")
        found = [text for code in languages() for text in problems(po_path(code), code, source)]
        if found:
            raise CommandError("\n".join([*found, f"{len(found)} findings; `make messages` updates."]))
