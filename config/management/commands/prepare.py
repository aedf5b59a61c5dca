"""Makes the database ready for `make run`: migrations, static files, the demo company once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command, get_commands
from django.db import connection, transaction

from accounts.models import Account, User

# Any number no other code uses: two machines that start at once prepare one after the other.
LOCK = 7_366_021
NAMES_SHOWN = 8


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, **options: Any) -> None:
        with one_at_a_time():
            call_command("migrate", verbosity=0)
            Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
            if settings.PRODUCTION:
                call_command("collectstatic", interactive=False, verbosity=0)
            if not options["no_demo"]:
                self.seed_once()
        self.show_names()

    def seed_once(self) -> None:
        """One transaction: a start that is interrupted seeds all of it next time, not the other half never."""
        if Account.objects.exists() or "demo" not in get_commands():
            return
        self.stdout.write("Seeding the demo company…")
        with transaction.atomic():
            call_command("demo", stdout=self.stdout)

    def show_names(self) -> None:
        users = User.objects.active().order_by("id")[:NAMES_SHOWN]
        width = max((len(user.email) for user in users), default=0)
        for user in users:
            self.stdout.write(f"  {user.email:<{width}}  {user.get_role_display()}")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [LOCK])
