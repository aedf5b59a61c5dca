"""What a process that lives for minutes pays once, and the tests' many short-lived clients would pay each."""

import gc
from collections.abc import Sequence
from typing import Any

from django.contrib.contenttypes.management import create_contenttypes
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.signals import post_migrate
from django.template import Context, Template
from django.test.signals import template_rendered
from django.utils.safestring import SafeString
from whitenoise.middleware import WhiteNoiseMiddleware

# The same in every test: made with the database, and kept.
KEPT = {"django_content_type", "auth_permission"}

_found: dict[str, Any] = {}
_scan = WhiteNoiseMiddleware.add_files_from_finders


def _remembered(self: WhiteNoiseMiddleware) -> None:
    if not _found:
        _scan(self)
        _found.update(self.files)
    self.files.update(_found)


def _tell_of_pages(self: Template, context: Context) -> SafeString:
    if context.template is self:
        template_rendered.send(sender=self, template=self, context=context)
    return self.nodelist.render(context)


def copy_contexts_of_pages_only() -> None:
    """`response.context` holds what pages were given; Django copies it for each icon that they include as well."""
    Template._render = _tell_of_pages


def look_for_garbage_seldom() -> None:
    """Requests and queries leave few circles behind: to look every 700 objects takes one second in twenty."""
    gc.set_threshold(20_000, 20, 50)


def keep_what_is_loaded() -> None:
    """Modules and collected tests stay until the end: looking through them for garbage finds none."""
    gc.collect()
    gc.freeze()


def find_static_files_once() -> None:
    """Every django.test.Client builds the middleware anew, and with it looks at each static file."""
    WhiteNoiseMiddleware.add_files_from_finders = _remembered


def _emptied(self: DatabaseOperations, _style: Any, tables: Sequence[str], **_ways: bool) -> list[str]:
    """One statement, as all of it is one transaction. Nothing is asked, logged or refused meanwhile."""
    names = [self.quote_name(table) for table in tables if table not in KEPT]
    deletes = "; ".join(f"DELETE FROM {name}" for name in names)
    return [f"SET LOCAL session_replication_role = replica; LOCK TABLE {', '.join(names)}; {deletes}"]


def empty_tables_by_deleting() -> None:
    """After a test with transactions of its own. TRUNCATE makes each file of two hundred tables anew, for a few rows."""
    DatabaseOperations.sql_flush = _emptied
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
