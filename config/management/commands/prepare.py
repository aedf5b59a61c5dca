"""Makes the database ready for `make run`: migrations, static files, the demo company once."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import Account, User
from config.demo.team import PASSWORD, sign_ins
from config.migrating import build_only_what_changes

# Any number no other code uses: two machines that start at once prepare one after the other.
LOCK = 7_366_021


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, **options: Any) -> None:
        with one_at_a_time():
            self.migrate()
            if settings.PRODUCTION:
                call_command("collectstatic", interactive=False, verbosity=0)
            if not options["no_demo"]:
                self.seed_once()
        self.show_names()

    def migrate(self) -> None:
        if MigrationRecorder(connection).applied_migrations():
            call_command("migrate", verbosity=0)
            return
        self.stdout.write("Making the database…")
        with build_only_what_changes():
            call_command("migrate", verbosity=0)

    def seed_once(self) -> None:
        """The demo company comes in one transaction: accounts are there, or it was not seeded to its end."""
        if Account.objects.exists():
            return
        self.stdout.write("Seeding the demo company…")
        call_command("demo", stdout=StringIO(), stderr=self.stderr)

    def show_names(self) -> None:
        """Of the demo company. Whoever works here for real knows their own."""
        names = sign_ins()
        if not User.objects.active().filter(email__in=[address for address, _role in names]).exists():
            return
        self.stdout.write("Sign in as:")
        for address, role in names:
            self.stdout.write(f"  {address:28} {role}")
        self.stdout.write(f"  password: {PASSWORD}")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [LOCK])
