"""Brings the catalogues up to date with the code (needs gettext) and compiles them (needs nothing)."""

from typing import Any

from django.core.management import BaseCommand, CommandError, call_command

from config.catalogues import compiled, languages, po_path, problems, read_catalogue
from config.source_messages import OPTIONS, gettext_is_installed


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--compile-only", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["compile_only"]:
            if not gettext_is_installed():
                raise CommandError("xgettext is missing (Debian: apt install gettext).")
            for language in languages():
                po_path(language).parent.mkdir(parents=True, exist_ok=True)
            call_command("makemessages", **OPTIONS)
        for language in languages():
            path = po_path(language)
            path.with_suffix(".mo").write_bytes(compiled(read_catalogue(path, language)))
            left = problems(path, language, source=None)
            self.stdout.write("\n".join([*left, f"{language}: {len(left)} texts left to do"]))
