"""doctor [--without-broker]: is all well? After a restore, before an upgrade, whenever somebody asks."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.registry import Checkup, checkups
from config.checkups import AROUND, FIRST


class Command(BaseCommand):
    help = "Look whether sums agree, work is done and everything runs. Changes nothing; ends with 1 where it does not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--without-broker", action="store_true", help="Where only the database is up yet.")

    def handle(self, *, without_broker: bool, **options: Any) -> None:
        found = self._look(FIRST)
        if found:  # the others ask for columns that may not be there
            sys.exit(1)
        rest = [one for one in AROUND if not (without_broker and one.name == "broker")]
        found = sum(self._look(one) for one in (*rest, *checkups.sorted()))
        if found:
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("healthy"))

    def _look(self, one: Checkup) -> int:
        sentences = one.check()
        mark = self.style.ERROR("!!") if sentences else self.style.SUCCESS("ok")
        self.stdout.write(f"{mark}  {one.title}")
        for sentence in sentences:
            self.stdout.write(f"    {sentence}")
        return len(sentences)
