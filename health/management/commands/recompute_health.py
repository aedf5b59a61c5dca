from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Account
from health.domain import runs
from health.domain.recompute import score_accounts


class Command(BaseCommand):
    help = "Score all accounts, or one (by its external id), in this process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--all", action="store_true", help="every account (the default)")
        which.add_argument("--account", metavar="ID", help="the account of this external id")

    def handle(self, *args, account: str | None = None, **options) -> None:
        if account is None:
            run = runs.recompute_now()
            runs.notice_all()
            self.stdout.write(f"Scored {runs.progress(run)[1]} accounts.")
            return
        found = Account.objects.filter(external_id=account).first()
        if found is None:
            raise CommandError(f"There is no account {account}.")
        score_accounts([found.pk])
        found.refresh_from_db()
        self.stdout.write(f"{found.name}: {found.score} {found.band}")
