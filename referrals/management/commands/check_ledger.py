"""Says whether the ledger is sound, and ends with 1 where it is not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from referrals.domain.checking import check_ledger, totals


class Command(BaseCommand):
    help = "Check that the trial balance is zero, nothing is paid twice, and balances are the sums of their entries."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            # One look at all of it: what is written meanwhile is whole or not there.
            if not connection.savepoint_ids:
                connection.cursor().execute("set transaction isolation level repeatable read, read only")
            found, (entries, partners) = check_ledger(), totals()
        for finding in found:
            self.stderr.write(self.style.ERROR(str(finding)))
        if found:
            sys.exit(1)
        self.stdout.write(f"The ledger is sound: {entries} entries of {partners} partners, trial balance zero.")
