from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import queue  # noqa: F401 - connects to Celery's signals, in web and worker alike
