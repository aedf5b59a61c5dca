"""manage.py demo: a believable company to look at."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Account
from config.demo.seed import seed
from config.demo.team import PASSWORD, sign_ins


class Command(BaseCommand):
    help = "Fill an empty installation with an invented company: customers, readings, scores, follow-ups."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accounts", type=int, default=240, help="how many customers (240)")
        parser.add_argument("--seed", type=int, default=7, help="another number, another company")
        parser.add_argument("--days", type=int, default=730, help="days of history (730)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["accounts"] <= 1_000_000:
            raise CommandError("--accounts is a number from 1 to 1000000.")
        if not 120 <= options["days"] <= 3650:
            raise CommandError("--days is a number from 120 to 3650.")
        if Account.objects.exists():
            raise CommandError("There are accounts here already: the demo company is for an empty installation.")
        seed(options["accounts"], number=options["seed"], days=options["days"], say=self.stderr.write)
        for address, role in sign_ins():
            self.stdout.write(f"  {address:28} {role}")
        self.stdout.write(f"  password: {PASSWORD}")
