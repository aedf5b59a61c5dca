"""rebuild_metrics: count the sums of all months again, from the movements."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from accounts.domain.numbers.counting import rebuild


class Command(BaseCommand):
    help = "Count the sums of every month again, from the movements. Pages show those of before until it is done."

    def handle(self, **options: Any) -> None:
        count = rebuild()
        self.stdout.write(ngettext("%(n)s account counted.", "%(n)s accounts counted.", count) % {"n": count})
