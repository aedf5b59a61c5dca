"""create_token NAME --scope read --scope ingest [--expires 2027-01-01]: a key for a program, shown once."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.domain.tokens import SCOPES, create_token
from accounts.exceptions import DomainError


class Command(BaseCommand):
    help = "Make an API token. It is printed once and kept only as a digest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="What it is for, such as billing: its doings appear under this name.")
        parser.add_argument("--scope", action="append", required=True, dest="scopes", metavar="SCOPE",
                            help=f"One of {', '.join(SCOPES)}; may come several times.")  # fmt: skip
        parser.add_argument("--expires", metavar="DATE", help="The first day on which it no longer works, YYYY-MM-DD.")

    def handle(self, *, name: str, scopes: list[str], expires: str | None, **options: Any) -> None:
        try:
            _row, token = create_token(name=name, scopes=scopes, expires_at=_moment(expires))
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(token)
        self.stderr.write(_("Keep it now: it cannot be shown again."))


def _moment(given: str | None) -> datetime | None:
    if not given:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise CommandError(_("“%(given)s” is no day: write YYYY-MM-DD.") % {"given": given}) from None
    return datetime.combine(day, time(), UTC)
