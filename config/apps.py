import gc
import sys

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import audit, queue  # noqa: F401 - connects to Celery's signals, in web and worker alike

        audit.name_the_command(sys.argv)
        # What is loaded by now stays: the collector need not walk through all of it again and again, and what a
        # parent shares with its workers stays shared.
        gc.freeze()
