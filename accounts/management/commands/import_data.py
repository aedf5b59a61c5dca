import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from accounts.domain.imports.commanding import import_path
from accounts.domain.imports.running import Outcome
from accounts.exceptions import DomainError
from accounts.registry import import_kinds

SHOWN = 20


class Command(BaseCommand):
    help = "Import a CSV file. Columns are guessed from their names, or said by --mapping (JSON: field → column)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=[kind.key for kind in import_kinds.sorted()], help="what a row is")
        parser.add_argument("file", type=Path, help="with whatever encoding and delimiter")
        parser.add_argument(
            "--mapping", type=Path, metavar="FILE", help='JSON: {"external_id": "id", "currency": {"constant": "EUR"}}'
        )
        parser.add_argument(
            "--source", default="", metavar="NAME", help="hubspot, zendesk, stripe or salesforce; guessed otherwise"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument(
            "--refused", type=Path, metavar="FILE", help="write the refused rows, with reasons, to this CSV file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["refused"]:  # told before anything is imported, not after it
                options["refused"].parent.stat()
            mapping = json.loads(options["mapping"].read_text()) if options["mapping"] else None
            outcome, header = import_path(
                options["kind"],
                options["file"],
                mapping=mapping,
                source=options["source"],
                dry=options["dry_run"],
                progress=self.progress,
                tell=self.stderr.write,
            )
            self.tell(outcome, header, options)
        except (OSError, UnicodeError, json.JSONDecodeError) as error:
            raise CommandError(str(error)) from error
        except DomainError as error:
            raise CommandError(str(error)) from error

    doing = ""

    def progress(self, share: float, doing: str) -> None:
        """A line that moves in a terminal, a line for each stage in a log."""
        if self.stderr.isatty():
            self.stderr.write(f"\r{doing:<10} {share:4.0%}", ending="")
        elif doing != self.doing:
            self.stderr.write(f"{doing} …")
        self.doing = doing

    def tell(self, outcome: Outcome, columns: dict[str, str], options: dict[str, Any]) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r" + " " * 20 + "\r", ending="")
        for field, column in columns.items():
            self.stdout.write(f"  {field} ← {column}")
        rows = ngettext("%(n)s row", "%(n)s rows", outcome.rows) % {"n": outcome.rows}
        verb = "would be " if options["dry_run"] else ""
        self.stdout.write(
            f"{rows}: {outcome.created} {verb}created, {outcome.updated} {verb}updated, "
            f"{outcome.unchanged} unchanged, {outcome.refused} refused"
        )
        for number, reason in outcome.refusals[:SHOWN]:
            self.stdout.write(f"  row {number}: {reason}")
        if outcome.refused > SHOWN:
            self.stdout.write(f"  … and {outcome.refused - SHOWN} more (--refused FILE writes them all)")
        if outcome.refused_file and options["refused"]:
            outcome.refused_file.seek(0)
            options["refused"].write_bytes(outcome.refused_file.read())
