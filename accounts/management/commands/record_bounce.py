"""record_bounce [--message-id ID] [--address ADDRESS] [--reason TEXT]: somebody says that a mail came back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.domain.mails import record_bounce


class Command(BaseCommand):
    help = "Record that a mail bounced: by its Message-ID, or the last one to an address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--message-id", default="", metavar="ID", help="As its headers say.")
        parser.add_argument("--address", default="", metavar="ADDRESS", help="To whom the last mail went.")
        parser.add_argument("--reason", default="", metavar="TEXT", help="What the other server said.")

    def handle(self, *, message_id: str, address: str, reason: str, **options: Any) -> None:
        if not (message_id or address):
            raise CommandError(_("Say which mail: give its --message-id, or an --address."))
        if not record_bounce(message_id, address, reason):
            raise CommandError(_("No mail of ours is that, or it was recorded before."))
        self.stdout.write(_("Recorded."))
