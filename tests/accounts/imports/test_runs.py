"""A run's life: uploaded, mapped, checked, run; canceled, killed and delivered twice at any point."""

import threading
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.domain.imports import files, mapping as mappings, runs
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account, Activity, ImportPiece, ImportRun, MappingPreset
from tests.accounts.imports.files import text_of

pytestmark = pytest.mark.django_db

Status = ImportRun.Status
TEXT = "external_id,name\na,Acme\nb,Beta\n,Nobody\n"


def uploaded(user=None, text: str = TEXT, **fields) -> ImportRun:
    return runs.create_run(filename="book.csv", chunks=[text.encode()], by=user, **fields)


def checked(user=None, text: str = TEXT) -> ImportRun:
    run = uploaded(user, text)
    runs.choose_mapping(run, runs.mapping_of(run))
    runs.work(run.pk)
    run.refresh_from_db()
    return run


def figures(outcome: dict) -> tuple[int, ...]:
    return tuple(outcome[name] for name in ("rows", "created", "updated", "unchanged", "refused"))


def test_an_upload_is_kept_in_pieces_and_guessed(alice):
    big = text_of(["external_id", "name"], [[f"a{i}", "x" * 100] for i in range(12_000)])
    run = uploaded(alice, big)
    assert (run.kind, run.status, run.size) == ("accounts", Status.MAPPING, len(big))
    assert run.mapping == {"external_id": {"columns": ["external_id"]}, "name": {"columns": ["name"]}}
    assert run.pieces.count() == 3
    assert b"".join(files.chunks_of(run)()) == big.encode()


def test_names_of_files_lose_folders_and_control_characters():
    assert runs.clean_name("../../etc/pass\x00wd\n.csv") == "pass wd .csv"
    assert runs.clean_name("C:\\Users\\me\\list.csv") == "list.csv"
    assert runs.clean_name("") == "file.csv"
    assert len(runs.clean_name("x" * 5000)) == 200


def test_a_bad_file_leaves_nothing(alice):
    with pytest.raises(DomainError, match=r"The file is empty\."):
        uploaded(alice, "")
    assert not ImportRun.objects.exists()
    assert not ImportPiece.objects.exists()


def test_the_check_says_what_will_happen_and_changes_nothing(alice, queue):
    run = uploaded(alice)
    runs.choose_mapping(run, runs.mapping_of(run))
    assert run.status == Status.PREVIEW
    assert queue.drain()[0].task == "accounts.tasks.work_import"
    run.refresh_from_db()
    assert run.status == Status.READY
    assert figures(run.result["check"]) == (3, 2, 0, 0, 1)
    assert run.result["check"]["refusals"] == [[4, "External id is missing."]]
    assert (Account.objects.count(), Activity.objects.count()) == (0, 0)


def test_the_run_does_what_the_check_said(alice, queue):
    run = checked(alice)
    runs.start(run)
    queue.drain()
    run.refresh_from_db()
    assert run.status == Status.DONE
    assert run.result["run"] == run.result["check"]
    assert list(Account.objects.order_by("external_id").values_list("external_id", "name")) == [
        ("a", "Acme"),
        ("b", "Beta"),
    ]
    refused = b"".join(files.chunks_of(run, "refused")()).decode("utf-8-sig")
    assert refused == "Row,Reason,external_id,name\r\n4,External id is missing.,,Nobody\r\n"
    assert not run.pieces.filter(part="file").exists()


def test_formulas_in_refused_rows_are_neutralised():
    run = checked(text="external_id,name,seats\n,=cmd|' /C calc'!A0,-5\n")
    refused = b"".join(files.chunks_of(run, "refused")()).decode("utf-8-sig")
    assert refused.splitlines()[1] == "2,External id is missing.,,'=cmd|' /C calc'!A0,-5"


def test_a_mapping_that_lacks_something_is_told_by_field():
    run = uploaded(text="city,name\nParis,Acme\n", kind="contacts")
    with pytest.raises(mappings.MappingError) as refusal:
        runs.choose_mapping(run, mappings.parse({"name": "nom", "colour": "city"}))
    assert refusal.value.errors == {
        "colour": ["There is no field colour."],
        "name": ["The file has no column “nom”."],
        "account": ["Choose the column that says “Account”."],
        "email": ["Choose the column that says “E-mail address”."],
    }


def test_a_mapping_is_remembered_for_the_next_file_with_these_columns():
    run = uploaded(text="code,titre\n1,Acme\n")
    runs.choose_mapping(run, mappings.parse({"external_id": "code", "name": "titre"}), remember_as=" Our ERP ")
    assert list(MappingPreset.objects.values_list("kind", "name", "columns")) == [
        ("accounts", "Our ERP", ["code", "titre"])
    ]
    again = uploaded(text="code,titre\n2,Beta\n")
    assert again.mapping == {"external_id": {"columns": ["code"]}, "name": {"columns": ["titre"]}}
    assert again.options["saved"] == "Our ERP"
    other = uploaded(text="code,titre,more\n2,Beta,x\n")
    assert (other.mapping, other.options["saved"]) == ({}, "")


def test_another_kind_is_guessed_again():
    run = uploaded(text="account,email,name\na,ann@example.com,Ann\n")
    assert run.kind == "contacts"
    runs.choose_kind(run, "accounts", "")
    run.refresh_from_db()
    assert (run.kind, sorted(run.mapping)) == ("accounts", ["external_id", "name"])


def test_steps_cannot_be_taken_out_of_turn():
    run = uploaded()
    with pytest.raises(Conflict, match="Its columns have to be looked at first"):
        runs.start(run)
    runs.cancel(run)
    with pytest.raises(Conflict):
        runs.choose_mapping(run, runs.mapping_of(run))


def test_canceled_before_the_run_nothing_is_kept():
    run = checked()
    assert runs.cancel(run)
    run.refresh_from_db()
    assert run.status == Status.CANCELED
    assert not run.pieces.filter(part="file").exists()
    assert not runs.cancel(run)


def test_canceled_while_it_waits_a_late_message_does_nothing():
    run = checked()
    runs.start(run)
    runs.cancel(run)
    runs.work(run.pk)
    run.refresh_from_db()
    assert run.status == Status.CANCELED
    assert not Account.objects.exists()


def test_a_message_that_comes_twice_runs_once(queue):
    run = checked()
    runs.start(run)
    runs.work(run.pk)
    runs.work(run.pk)
    assert Activity.objects.filter(kind="account.created").count() == 2


def test_what_fails_is_told_and_nothing_is_written():
    run = checked()
    ImportPiece.objects.filter(run=run, part="file").update(data=b'external_id,name\na,Acme\nb,"' + b"x" * 9_000_000)
    runs.start(run)
    runs.work(run.pk)
    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert run.error == "A line of this file is longer than 8 MB: it is no list of rows."
    assert not Account.objects.exists()


def test_a_file_that_kills_its_worker_is_given_up():
    run = checked()
    runs.start(run)
    ImportRun.objects.update(attempts=runs.MAX_ATTEMPTS)
    runs.work(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error) == (Status.FAILED, "It broke off 4 times; the worker's log says why.")


def test_the_sweep_sends_again_what_nobody_works_on_and_closes_what_is_forgotten(queue):
    lost, forgotten = checked(), uploaded()
    runs.start(lost)
    queue.commit()
    queue.clear()
    now = timezone.now()
    ImportRun.objects.filter(pk=lost.pk).update(started_at=now - timedelta(minutes=2))
    ImportRun.objects.filter(pk=forgotten.pk).update(created_at=now - timedelta(days=8))
    assert runs.sweep() == 1
    assert [message.kwargs for message in queue.published("accounts.tasks.work_import")] == [{"run_id": lost.pk}]
    forgotten.refresh_from_db()
    assert (forgotten.status, forgotten.error) == (Status.CANCELED, "Nobody came back to it for a week.")


# Several connections: everything below really commits ------------------------------------------------


@pytest.fixture
def other_worker(transactional_db):
    """A connection of somebody else's."""
    params = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with closing(psycopg.connect(**{n: params[n] for n in names if params.get(n)}, autocommit=True)) as other:
        yield other


def test_a_cancel_that_comes_in_the_middle_undoes_all_of_it(other_worker):
    run = checked(text=text_of(["external_id", "name"], [[f"a{i}", "n"] for i in range(12_000)]))
    runs.start(run)
    # As the page asks for it while a worker reads: seen after the first batch of rows.
    other_worker.execute("UPDATE accounts_importrun SET cancel_requested = true WHERE id = %s", [run.pk])
    runs.work(run.pk)
    run.refresh_from_db()
    assert run.status == Status.CANCELED
    assert (Account.objects.count(), Activity.objects.count()) == (0, 0)


def test_while_one_worker_has_it_another_lets_it_be(other_worker):
    run = checked()
    runs.start(run)
    other_worker.execute("BEGIN")
    other_worker.execute("SELECT pg_advisory_xact_lock(%s::int, %s::int)", [runs.RUN_LOCK, run.pk])
    runs.work(run.pk)
    assert runs.cancel(run)
    run.refresh_from_db()
    assert (run.status, run.cancel_requested, Account.objects.count()) == (Status.RUNNING, True, 0)
    other_worker.execute("ROLLBACK")  # it dies
    assert runs.cancel(run)
    run.refresh_from_db()
    assert run.status == Status.CANCELED


def test_killed_in_the_middle_it_starts_again_and_ends_the_same(transactional_db):
    run = checked()
    runs.start(run)

    def dying_worker():
        try:
            with transaction.atomic():
                runs.execute(runs.file_of(run), runs.loader_of(run), runs.mapping_of(run))
                connection.connection.close()  # the process is gone before its commit
        except Exception:
            pass
        finally:
            connection.close()

    worker = threading.Thread(target=dying_worker)
    worker.start()
    worker.join()
    assert Account.objects.count() == 0
    runs.work(run.pk)
    run.refresh_from_db()
    assert (run.status, Account.objects.count()) == (Status.DONE, 2)
