import gc
import sys

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Connects to Celery's signals, in web and worker alike; registers a check.
        from config import audit, own_address, pool, queue  # noqa: F401

        audit.name_the_command(sys.argv)
        # What is loaded by now stays: the collector need not walk through all of it again and again, and what a
        # parent shares with its workers stays shared.
        gc.freeze()
