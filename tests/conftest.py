"""What every test has: named people, a queue to look into, a cache of its own, cheap passwords.

The database and Valkey are real: those of `make test`, or of `python -m config.embedded up` with the same
DATA_DIR.
"""

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.utils import translation
from django.utils.crypto import get_random_string
from pytest_django import DjangoDbBlocker

import tests.thorough  # noqa: F401 - before any random test is read
from accounts.domain import rules
from accounts.enums import Role
from accounts.models import User
from accounts.registry import rules as registered
from config.celery import app
from tests.migrated import quickly, template_made
from tests.queue import Queue
from tests.quicker import (
    copy_contexts_of_pages_only,
    empty_tables_by_deleting,
    find_static_files_once,
    keep_what_is_loaded,
    look_for_garbage_seldom,
    make_middleware_once,
    tell_of_calls_only,
)

look_for_garbage_seldom()  # while tests are read as well

HERE = Path(__file__).parent
PASSWORD = "correct horse battery staple"

_test_number = itertools.count()
_cache = {"prefix": ""}


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """Tests share one Valkey, also across xdist's processes: no test sees what another left."""
    return f"{_cache['prefix']}:{key_prefix}:{version}:{key}"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A folder that `-m` leaves out whole isn't even read."""
    return True if f"not {collection_path.name}" in config.option.markexpr and collection_path.is_dir() else None


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[None]:
    """xdist's processes collect meanwhile, and wait for their controller."""
    with template_made(session):
        return (yield)


def pytest_sessionstart(session: pytest.Session) -> None:
    tell_of_calls_only(session.config)


def pytest_collection_finish() -> None:
    keep_what_is_loaded()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folder says what a test needs; `-m` in pyproject.toml leaves these out."""
    folders = {f"{HERE / mark}{os.sep}": mark for mark in ("services", "processes", "browser")}
    for item in items:
        for folder, mark in folders.items():
            if str(item.path).startswith(folder):
                item.add_marker(mark)
                if not item.get_closest_marker("timeout"):
                    item.add_marker(pytest.mark.timeout(900))  # real processes on a busy machine


@pytest.fixture(autouse=True, scope="session")
def _quick_settings() -> None:
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.CACHES["default"]["KEY_FUNCTION"] = cache_key
    django_settings.MAIL_BACKEND = ""  # whatever EMAIL_URL names: nothing of a test ever leaves
    find_static_files_once()
    make_middleware_once()
    copy_contexts_of_pages_only()
    with contextlib.suppress(AttributeError):
        del caches["default"]  # made before, when the project was loaded


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> None:
    """Rules are known from the start, as on any connection that has been used."""
    with quickly(request):
        request.getfixturevalue("django_db_setup")  # pytest-django's
    with django_db_blocker.unblock():
        empty_tables_by_deleting()
        rules.number(next(iter(registered)).key)


@pytest.fixture(autouse=True)
def _as_new() -> None:
    """One fixture for all three: thousands of tests pay for each."""
    _cache["prefix"] = f"test-{os.getpid()}-{next(_test_number)}"
    translation.deactivate()  # a page leaves its reader's language behind, for whoever asks no page
    kept = getattr(connection, "tenure_rules", None)
    if kept and (kept.writing or kept.values is None):  # a change that a test rolls back is told to nobody
        kept.writing, kept.values = False, {}


@pytest.fixture(autouse=True)
def _no_worker(request: pytest.FixtureRequest) -> Iterator[None]:
    """Messages stay in memory, except where the test is about the real broker."""
    if request.node.get_closest_marker("services"):
        yield
        return
    Queue(app).clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.conf, "broker_url", "memory://")
        # Migrating the test database may have spoken to the real broker: those connections are kept apart.
        patch.setattr(app, "_pool", None)
        patch.setattr(app.amqp, "_producer_pool", None)
        yield


@pytest.fixture
def queue(_no_worker: None) -> Queue:
    """What was published: `queue.published()`, `queue.drain()`, `queue.away()` (see tests/queue.py)."""
    return Queue(app)


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What a fixture of a whole file that asks for this writes is there for each of its tests, made once.

    It lies in a transaction around theirs: each test takes back its own changes, and the end of the file all of them.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


# People ---------------------------------------------------------------------------------------------


def person(name: str, role: Role, **fields) -> User:
    return User.objects.create_user(f"{name.lower()}@tenure.example", PASSWORD, name=name, role=role, **fields)


@pytest.fixture
def alice(db) -> User:
    """Alice decides how the house runs."""
    return person("Alice", Role.ADMIN)


@pytest.fixture
def marc(db) -> User:
    """Marc leads Chloe and Cyril."""
    return person("Marc", Role.MANAGER)


@pytest.fixture
def chloe(marc: User) -> User:
    """Chloe works her accounts. Most tests see the product through her."""
    return person("Chloe", Role.CSM, manager=marc)


@pytest.fixture
def cyril(marc: User) -> User:
    """Cyril is the other CSM: what is Chloe's is not his."""
    return person("Cyril", Role.CSM, manager=marc)


@pytest.fixture
def vera(db) -> User:
    """Vera reads everything and changes nothing."""
    return person("Vera", Role.VIEWER)


@pytest.fixture
def people(alice: User, marc: User, chloe: User, cyril: User, vera: User) -> dict[str, User]:
    return {"alice": alice, "marc": marc, "chloe": chloe, "cyril": cyril, "vera": vera}


def session_of(user: User) -> str:
    """What signing in leaves behind, in one statement: `force_login` makes three sessions and throws two away."""
    session = SessionStore(get_random_string(32))
    session._session_cache = known = {  # it is new: nobody need look for it
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: django_settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    session.create_model_instance(known).save(force_insert=True)
    session._cache.set(session.cache_key, known, session.get_expiry_age())
    return session.session_key


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """signed_in(chloe).get("/"): a browser of that person."""

    def browser_of(user: User) -> Client:
        client = Client()
        client.cookies[django_settings.SESSION_COOKIE_NAME] = session_of(user)
        return client

    return browser_of
