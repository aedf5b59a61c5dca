"""The test database is made by the real migrations; only Django's bookkeeping between them is spared.

After each operation Django builds the changed model anew, and every model that is related to it, which here is nearly
every model: 25 seconds for statements that take two. Here only the model itself is built anew. Whoever needs the
relations (RunPython) has all of them built anew just before, as after Django's own delayed operations.
tests/processes/test_migrating.py holds the two ways to the same schema. `python -m tests.migrating prepare` is
`manage.py prepare`, the quick way.
"""

import os
import sys

from django.core.management import execute_from_command_line
from django.db.migrations.state import ProjectState

in_full = ProjectState.reload_model


def _reload_alone(self: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
    if "apps" in self.__dict__:
        self.is_delayed = True
        self._reload({(app_label, model_name.lower())})


def build_only_what_changes() -> None:
    ProjectState.reload_model = _reload_alone


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    build_only_what_changes()
    execute_from_command_line(sys.argv)
