import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, ImportRun
from tests.accounts.imports.files import written

pytestmark = pytest.mark.django_db

TEXT = "code,titre\na,Acme\nb,Beta\n,Nobody\n"
MAPPING = {"external_id": "code", "name": {"column": "titre"}, "currency": {"constant": "EUR"}}


@pytest.fixture
def run(tmp_path):
    def run(*arguments: str, text: str = TEXT, mapping: object = MAPPING, kind: str = "accounts") -> list[str]:
        path = written(tmp_path, "book.csv", text)
        options = ["--mapping", str(written(tmp_path, "mapping.json", json.dumps(mapping)))] if mapping else []
        out = StringIO()
        call_command("import_data", kind, str(path), *options, *arguments, stdout=out, stderr=StringIO())
        return out.getvalue().splitlines()

    return run


def test_it_says_what_it_read_and_what_came_of_it(run):
    assert run() == [
        "  external_id ← code",
        "  name ← titre",
        "  currency ← “EUR”",
        "3 rows: 2 created, 0 updated, 0 unchanged, 1 refused",
        "  row 4: External id is missing.",
    ]
    assert run()[3] == "3 rows: 0 created, 0 updated, 2 unchanged, 1 refused"
    assert list(Account.objects.order_by("external_id").values_list("external_id", "name", "currency")) == [
        ("a", "Acme", "EUR"),
        ("b", "Beta", "EUR"),
    ]
    assert list(ImportRun.objects.values_list("filename", "status", "kind")) == [("book.csv", "done", "accounts")] * 2


def test_a_dry_run_leaves_nothing(run):
    assert run("--dry-run")[3] == "3 rows: 2 would be created, 0 would be updated, 0 unchanged, 1 refused"
    assert (Account.objects.exists(), ImportRun.objects.exists()) == (False, False)


def test_refused_rows_can_be_had_as_a_file(run, tmp_path):
    run("--refused", str(tmp_path / "refused.csv"))
    assert (tmp_path / "refused.csv").read_text("utf-8-sig").splitlines() == [
        "Row,Reason,code,titre",
        "4,External id is missing.,,Nobody",
    ]


def test_a_file_that_could_not_be_written_is_told_before_anything_is_imported(run, tmp_path):
    with pytest.raises(CommandError, match="No such file or directory"):
        run("--refused", str(tmp_path / "nowhere" / "refused.csv"))
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("text", "mapping", "sentence"),
    [
        ("", None, "The file is empty."),
        ("a;b\n1;2\n", None, "Choose the column that says “External id”. The file has these columns: a, b."),
        (TEXT, {"external_id": "id"}, "The file has no column “id”. The file has these columns: code, titre."),
        (TEXT, ["external_id"], "A mapping is an object: field → column."),
        (TEXT, {"external_id": 7}, "The mapping of external_id is neither a column nor a list of columns."),
    ],
)
def test_what_cannot_be_read_ends_with_a_sentence(run, text, mapping, sentence):
    with pytest.raises(CommandError) as refusal:
        run(text=text, mapping=mapping)
    assert str(refusal.value) == sentence


def test_what_was_taken_for_granted_is_told(tmp_path):
    path, err = written(tmp_path, "book.csv", "id,name,started_on\na,Béta,01/02/2024\n".encode("cp1252")), StringIO()
    call_command("import_data", "accounts", str(path), stdout=(out := StringIO()), stderr=err)
    assert out.getvalue().splitlines()[-1] == "1 row: 1 created, 0 updated, 0 unchanged, 0 refused"
    told = [line for line in err.getvalue().splitlines() if not line.endswith("…")]
    assert told == [
        "The file is not UTF-8; it was read as Western European (Windows-1252). Look at the accents.",
        "The days in “started_on” could begin with the day or with the month: they are read as month, day, year.",
    ]


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_data", "accounts", str(tmp_path / "none.csv"))
