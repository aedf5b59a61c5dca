import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.domain.imports import runs
from accounts.models import Account, ImportRun, MappingPreset
from tests.accounts.imports.files import text_of

pytestmark = pytest.mark.django_db

Status = ImportRun.Status
LIST = reverse("imports:list")
TEXT = "external_id,name,signup_date\na,Acme,2024-01-31\n,Nobody,2024-01-31\n"


def upload(client, text: str | bytes = TEXT, name: str = "book.csv", **fields):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(LIST, {"file": SimpleUploadedFile(name, data, "text/csv"), **fields})


@pytest.fixture
def admin(alice, signed_in):
    return signed_in(alice)


def page(run: ImportRun, name: str = "run") -> str:
    return reverse(f"imports:{name}", args=[run.pk])


@pytest.mark.parametrize("who", ["marc", "chloe", "vera"])
def test_only_admins_import(people, signed_in, who):
    run = runs.create_run(filename="x.csv", chunks=[TEXT.encode()], by=people["alice"])
    client = signed_in(people[who])
    statuses = {
        client.get(url).status_code
        for url in (LIST, page(run), page(run, "columns"), page(run, "progress"), page(run, "refused"))
    }
    posts = {
        client.post(url).status_code
        for url in (LIST, page(run, "kind"), page(run, "columns"), page(run, "start"), page(run, "cancel"))
    }
    assert (statuses, posts) == ({404}, {404})
    run.refresh_from_db()
    assert run.status == Status.MAPPING


def test_a_file_goes_from_upload_to_done(admin, queue):
    response = upload(admin)
    run = ImportRun.objects.get()
    assert response.headers["Location"] == page(run)

    columns = admin.get(page(run)).content.decode()
    assert "Which column says what" in columns
    assert "signup_date" in columns

    fields = {
        "external_id-column": "external_id",
        "name-column": "name",
        "started_on-column": "signup_date",
        "started_on-order": "dmy",
    }
    assert admin.post(page(run, "columns"), fields).headers["Location"] == page(run)
    assert "The whole file is being checked" in admin.get(page(run)).content.decode()
    queue.drain()

    ready = admin.get(page(run)).content.decode()
    assert "Import 1 row" in ready
    assert "External id is missing." in ready
    assert not Account.objects.exists()

    admin.post(page(run, "start"))
    queue.drain()
    done = admin.get(page(run)).content.decode()
    assert "Done. Scores follow within seconds." in done
    assert Account.objects.values_list("external_id", "name").get() == ("a", "Acme")

    refused = admin.get(page(run, "refused"))
    assert refused.headers["Content-Disposition"] == f'attachment; filename="import-{run.pk}-refused.csv"'
    assert (
        b"".join(refused.streaming_content).decode("utf-8-sig").splitlines()[1]
        == "3,External id is missing.,,Nobody,2024-01-31"
    )


def test_progress_is_asked_until_it_is_over(admin, queue):
    upload(admin)
    run = ImportRun.objects.get()
    runs.choose_mapping(run, runs.mapping_of(run))
    runs.reporter(run)(0.25, "reading")
    working = admin.get(page(run, "progress"), headers={"HX-Request": "true"})
    assert (working.status_code, "Reading the file" in working.content.decode(), "25%" in working.content.decode()) == (
        200,
        True,
        True,
    )
    assert "<html" not in working.content.decode()
    assert admin.get(page(run, "progress")).headers["Location"] == page(run)
    queue.drain()
    over = admin.get(page(run, "progress"), headers={"HX-Request": "true"})
    assert (over.status_code, over.headers["HX-Refresh"]) == (286, "true")


def test_without_javascript_there_is_a_link_to_look_again(admin):
    upload(admin)
    run = ImportRun.objects.get()
    runs.choose_mapping(run, runs.mapping_of(run))
    assert (
        f'<noscript><a class="btn" href="{page(run)}">Look again</a></noscript>'
        in admin.get(page(run)).content.decode()
    )


BAD_UPLOADS = [
    (b"", "empty.csv", 422, "The submitted file is empty."),
    (b" \n", "blank.csv", 422, "The file is empty."),
    (b"id,name\n", "header.csv", 422, "The file has a header but no rows."),
    (b"PK\x03\x04" + bytes(100), "book.xlsx", 415, "This is an Excel workbook or a zip archive"),
    (bytes(range(256)) * 50, "noise.csv", 415, "This is not a text file"),
]


@pytest.mark.parametrize(("data", "name", "status", "sentence"), BAD_UPLOADS)
def test_a_bad_upload_comes_back_with_a_sentence(admin, data, name, status, sentence):
    response = upload(admin, data, name)
    assert (response.status_code, sentence in response.content.decode()) == (status, True)
    assert not ImportRun.objects.exists()


def test_a_file_that_is_too_large_is_not_read(admin, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    response = upload(admin, b"id\n" + b"x\n" * 1_200_000)
    assert (response.status_code, "The file is larger than 1 MB: split it." in response.content.decode()) == (413, True)
    response = upload(admin, b"id\n" + b"x\n" * 600_000)
    assert (response.status_code, ImportRun.objects.exists()) == (413, False)


def test_no_file_at_all_is_told(admin):
    assert admin.post(LIST, {}).status_code == 422


def test_a_mapping_without_what_is_needed_comes_back_as_it_was_typed(admin):
    upload(admin, "code,titre\n1,Acme\n")
    run = ImportRun.objects.get()
    response = admin.post(page(run, "columns"), {"name-column": "titre", "country-constant": "France"})
    text = response.content.decode()
    assert (response.status_code, "Choose the column that says “External id”." in text) == (422, True)
    assert ('<option value="titre" selected>' in text, 'value="France"' in text) == (True, True)


def test_an_example_shows_what_a_column_would_be_read_as(admin):
    upload(admin, "id,name,day\n1,Acme,31/01/2024\n2,Beta,soon\n")
    run = ImportRun.objects.get()
    url = reverse("imports:example", args=[run.pk, "started_on"])
    text = admin.get(url, {"started_on-column": "day", "started_on-order": "dmy"}).content.decode()
    assert ("2024-01-31" in text, "“soon” is not a date as" in text or "“soon” is not a date, like" in text) == (
        True,
        True,
    )
    assert admin.get(reverse("imports:example", args=[run.pk, "nonsense"])).status_code == 404


def test_another_kind_can_be_chosen_and_nonsense_cannot(admin):
    upload(admin)
    run = ImportRun.objects.get()
    admin.post(page(run, "kind"), {"kind": "contacts", "source": "hubspot"})
    run.refresh_from_db()
    assert (run.kind, run.options["source"]) == ("contacts", "hubspot")
    admin.post(page(run, "kind"), {"kind": "nonsense"})
    run.refresh_from_db()
    assert run.kind == "contacts"


def test_characters_that_no_file_names_can_be_said(admin):
    upload(admin, "id;nume\n1;Şişeşti\n".encode("cp1250"), "doi.csv")
    run = ImportRun.objects.get(filename="doi.csv")
    assert (run.options["encoding"], "Şişeşti" in admin.get(page(run)).content.decode()) == ("cp1252", False)
    admin.post(page(run, "kind"), {"kind": "accounts", "source": "", "encoding": "cp1250"})
    run.refresh_from_db()
    assert (run.options["encoding"], "Şişeşti" in admin.get(page(run)).content.decode()) == ("cp1250", True)


def test_the_row_of_the_names_is_found_and_can_be_said(admin):
    upload(admin, "Customers of 2026\nid,name,country\n1,Acme,FR\n2,Beta,RO\n")
    run = ImportRun.objects.get()
    found = admin.get(page(run)).content.decode()
    other = {"kind": "accounts", "source": ""}
    admin.post(page(run, "kind"), other | {"header_row": "3"})
    run.refresh_from_db()

    assert "The names of the columns were found in row 2: what stands above is a title." in found
    assert 'name="header_row" value="2"' in found
    assert (run.options["header"], run.options["header_row"]) == (["1", "Acme", "FR"], 3)
    assert "The file has no header and no rows." in (
        admin.post(page(run, "kind"), other | {"header_row": "9"}, follow=True).content.decode()
    )
    admin.post(page(run, "kind"), other | {"header_row": "x"})
    run.refresh_from_db()
    assert run.options["header_row"] == 3


def test_from_the_check_back_to_the_columns_and_canceled(admin, queue):
    upload(admin)
    run = ImportRun.objects.get()
    runs.choose_mapping(run, runs.mapping_of(run))
    queue.drain()
    assert "Which column says what" in admin.get(page(run, "columns")).content.decode()
    admin.post(page(run, "cancel"))
    assert "Canceled: nothing of the file was written" in admin.get(page(run)).content.decode()
    late = admin.post(page(run, "start"), follow=True)
    assert [str(told) for told in late.context["messages"]] == ["This import is canceled already."]
    assert (late.redirect_chain, late.context["steps"]) == ([(page(run), 302)], [])
    assert admin.get(page(run).replace(f"/{run.pk}/", "/")).context["runs"][0]["outcome"] == {}


def test_where_all_is_refused_nothing_is_said_to_have_been_here(admin, queue):
    run = ImportRun.objects.create(
        kind="accounts", filename="a.csv", status="done", result={"run": {"rows": 2, "refused": 2}}
    )
    assert "Every row was refused" in admin.get(page(run)).content.decode()


def test_hostile_names_and_cells_are_escaped(admin, queue):
    nasty = '<script>alert("x")</script>'
    upload(admin, text_of(["external_id", nasty, "signup_date"], [["a", nasty, nasty]]), name="<b>.csv")
    run = ImportRun.objects.get()
    pages = [admin.get(page(run)).content.decode()]
    runs.choose_mapping(
        run, runs.mappings.parse({"external_id": "external_id", "name": nasty, "started_on": "signup_date"})
    )
    queue.drain()
    pages.append(admin.get(page(run)).content.decode())
    pages.append(admin.get(LIST).content.decode())
    assert [nasty in text or "<b>.csv" in text for text in pages] == [False, False, False]
    assert "&lt;script&gt;" in pages[0]


def test_a_remembered_mapping_can_be_forgotten(admin):
    preset = MappingPreset.objects.create(kind="accounts", name="ERP", mapping={}, columns=["a"])
    assert "ERP" in admin.get(LIST).content.decode()
    admin.post(reverse("imports:forget", args=[preset.pk]))
    assert not MappingPreset.objects.exists()


def test_the_list_asks_as_often_for_many_as_for_one(admin, alice, django_assert_max_num_queries):
    def queries() -> int:
        with django_assert_max_num_queries(12) as captured:
            admin.get(LIST)
        return len(captured)

    ImportRun.objects.create(kind="accounts", filename="1.csv", user=alice)
    admin.get(LIST)
    one = queries()
    ImportRun.objects.bulk_create([ImportRun(kind="accounts", filename=f"{n}.csv", user=alice) for n in range(49)])
    assert queries() == one


def test_columns_that_nothing_takes_are_told_before_anything_is_written(admin, queue):
    upload(admin, "external_id,name,shoe size,<b>\na,Acme,44,1\n")
    run = ImportRun.objects.get()
    sentence = "These columns are not brought in: shoe size, &lt;b&gt;"

    assert sentence in admin.get(page(run)).content.decode()
    admin.post(page(run, "columns"), {"external_id-column": "external_id", "name-column": "name"})
    queue.drain()
    assert sentence in admin.get(page(run)).content.decode()
    assert "This column is not brought in: <" not in admin.get(page(run)).content.decode()
