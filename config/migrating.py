"""An empty database is made by the real migrations, without Django's bookkeeping between them.

After each operation Django builds the changed model anew, and every model that is related to it, which here is nearly
every model: 25 seconds for statements that take two. Here only the model itself is built anew. Whoever needs the
relations (RunPython) has all of them built anew just before, as after Django's own delayed operations.
tests/processes/test_migrating.py holds the two ways to the same database. `manage.py migrate`, and whatever changes a
database with rows in it, is Django's own way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState


def _reload_alone(self: Any, app_label: str, model_name: str, delay: bool = False) -> None:
    if "apps" in self.__dict__:
        self.is_delayed = True
        self._reload({(app_label, model_name.lower())})


@contextmanager
def build_only_what_changes() -> Iterator[None]:
    state: Any = ProjectState
    in_full, state.reload_model = state.reload_model, _reload_alone
    try:
        yield
    finally:
        state.reload_model = in_full
