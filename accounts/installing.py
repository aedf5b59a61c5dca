"""What a new installation starts with is written after `migrate`, by the models of now."""

from collections.abc import Callable, Sequence
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def after_migrate(app: AppConfig, name: str, install: Callable[[], None]) -> None:
    """Have `install` called. Not on the way back, to the version before: the models know columns that are gone then."""

    def migrated(plan: Sequence[tuple[Any, bool]] = (), **_kwargs: Any) -> None:
        if not any(backwards for _migration, backwards in plan):
            install()

    post_migrate.connect(migrated, sender=app, weak=False, dispatch_uid=name)
