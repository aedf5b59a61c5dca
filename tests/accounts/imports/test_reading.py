import codecs
import csv
import io
import json

import pytest

from accounts.domain.imports.reading import UnreadableError, look_at, read
from tests.accounts.imports.files import SHARED, chunks_of, rows_of

PLAIN = "id,name\n1,Müller\n2,Țiriac\n"
WESTERN = "id;name\n1;Müller\n2;Café “Noir”\n"

# What the files of csv-spectrum are about: (text, header, rows).
SPECTRUM = [
    ("a,b\n1,2\n", ["a", "b"], [["1", "2"]]),
    ("a,b\r\n1,2\r\n", ["a", "b"], [["1", "2"]]),
    ("a,b\r1,2\r", ["a", "b"], [["1", "2"]]),
    ("a,b\n1,2", ["a", "b"], [["1", "2"]]),
    ('a,b\n1,"ha ""ha"" ha"\n3,4\n', ["a", "b"], [["1", 'ha "ha" ha'], ["3", "4"]]),
    ('first,address\nJohn,"120 any st., ""A"""\n', ["first", "address"], [["John", '120 any st., "A"']]),
    ('a,b,c\n1,"",""\n2,3,4\n', ["a", "b", "c"], [["1", "", ""], ["2", "3", "4"]]),
    ('a,b,c\n"Once upon \na time",5,6\n7,8,9\n', ["a", "b", "c"], [["Once upon \na time", "5", "6"], ["7", "8", "9"]]),
    ('a,b\r\n"Once\r\nupon",5\r\n', ["a", "b"], [["Once\r\nupon", "5"]]),
    ('key,val\n1,"{""type"": ""Point""}"\n', ["key", "val"], [["1", '{"type": "Point"}']]),
    ("a,b\n1,ʤ\n", ["a", "b"], [["1", "ʤ"]]),
    ("a,b\n\n1,2\n\n", ["a", "b"], [["1", "2"]]),
]


@pytest.mark.parametrize(("text", "header", "rows"), SPECTRUM)
def test_quotes_newlines_and_line_ends_are_read(text, header, rows):
    shape, found = rows_of(text)
    assert (shape.header, found) == (header, rows)


def test_the_spectrum_of_csv_files_reads_as_its_json():
    for path in sorted((SHARED / "robustness" / "csv_spectrum").glob("*.csv")):
        shape, rows = rows_of(path.read_bytes())
        found = [dict(zip(shape.header, row, strict=True)) for row in rows]
        told = json.loads(path.with_suffix(".json").read_text())
        if path.stem == "location_coordinates":  # its two files name different telephones
            found, told = [row | {"Contact Phone Number": ""} for row in found], [told | {"Contact Phone Number": ""}]
        assert found == told, path.name


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (PLAIN.encode(), "utf-8"),
        (codecs.BOM_UTF8 + PLAIN.encode(), "utf-8-sig"),
        (PLAIN.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"), "utf-16"),
        (PLAIN.encode("utf-16-le"), "utf-16-le"),
        (PLAIN.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_unicode_is_read_with_and_without_its_mark(data, encoding):
    shape, rows = rows_of(data)
    assert (shape.encoding, shape.header, rows) == (encoding, ["id", "name"], [["1", "Müller"], ["2", "Țiriac"]])
    assert shape.notes == []


def test_western_files_are_read_with_a_note():
    shape, rows = rows_of(WESTERN.encode("cp1252"))
    assert rows == [["1", "Müller"], ["2", "Café “Noir”"]]
    assert shape.encoding == "cp1252"
    assert shape.notes == [
        "The file is not UTF-8; it was read as Western European (Windows-1252). Look at the accents."
    ]


def test_a_western_byte_far_down_changes_how_the_whole_file_is_read():
    data = b"id,name\n" + b"1,plain\n" * 60_000 + "2,Müller\n".encode("latin-1")
    shape = look_at(chunks_of(data, 65_536))
    assert shape.encoding == "cp1252"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    rows = [["id", "name", "sum"], ["1", "A, B; C", "1,5"], ["2", "D|E", "2,5"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    shape, found = rows_of(out.getvalue())
    assert (shape.delimiter, [shape.header, *found]) == (delimiter, rows)


def test_one_column_needs_no_delimiter():
    shape, rows = rows_of("domain\nacme.example\nzeta.example\n")
    assert (shape.header, rows) == (["domain"], [["acme.example"], ["zeta.example"]])


def test_columns_of_spaces_without_a_header_are_read():
    shape, rows = rows_of(" 00004 0001 19970101  2   29.33\n 00004 0001 19970118 12  229.73\n")
    assert (shape.delimiter, shape.header_row) == (" ", 0)
    assert shape.header == ["Column 1", "Column 2", "Column 3", "Column 4", "Column 5"]
    assert shape.notes == ["The first row has no names of columns: they are called Column 1, Column 2 and so on."]
    assert rows == [["00004", "0001", "19970101", "2", "29.33"], ["00004", "0001", "19970118", "12", "229.73"]]


def test_names_of_two_words_are_one_column():
    shape, rows = rows_of("Company name Ltd\nStudio 54 Ltd\nAcme Great Ltd\n")
    assert (shape.header, rows) == (["Company name Ltd"], [["Studio 54 Ltd"], ["Acme Great Ltd"]])


def test_excels_own_first_line_is_skipped():
    shape, rows = rows_of("sep=;\nid;name\n1;A,B\n")
    assert (shape.header, shape.header_row, rows) == (["id", "name"], 2, [["1", "A,B"]])


TITLED = [
    "Customers of 2026\nid,name\n1,Acme\n2,Beta\n",
    "Customers of 2026;;\n\nid;name;since\n1;Acme;2026-01-02\n",
    '"Customers, 2026"\nas of 22 November\nid\tname\n1\tAcme\n',
]


@pytest.mark.parametrize("text", TITLED)
def test_a_title_above_the_names_is_left_out_and_that_is_said(text):
    shape, rows = rows_of(text)
    row = text[: text.index("id")].count("\n") + 1

    assert (shape.header[:2], shape.header_row, rows[0][:2]) == (["id", "name"], row, ["1", "Acme"])
    assert shape.notes == [f"The names of the columns were found in row {row}: what stands above is a title."]


@pytest.mark.parametrize(
    "text",
    [
        "email\nann@x.example,Ann\nbob@x.example,Bob\n",  # a column without its name
        "note\none\ntwo, three\n",  # one column, and a comma in it
        "id,name\n1,Acme\n",
    ],
)
def test_a_first_row_that_may_be_names_is_taken_for_names(text):
    shape, _rows = rows_of(text)

    assert (shape.header_row, shape.notes) == (1, [])


def test_a_person_says_in_which_row_the_names_are():
    chunks = chunks_of("Export,2026\nid;name\n1;Acme\n2;Beta\n")
    shape = look_at(chunks, "", 2)

    assert (shape.header, shape.header_row, shape.delimiter) == (["id", "name"], 2, ";")
    assert [row for batch in read(shape, chunks) for row in batch.rows] == [["1", "Acme"], ["2", "Beta"]]
    with pytest.raises(UnreadableError, match="no header and no rows"):
        look_at(chunks, "", 9)


def test_columns_get_names_of_their_own():
    shape, _rows = rows_of("email,,email,email\na,b,c,d\n")
    assert shape.header == ["email", "Column 2", "email (2)", "email (3)"]
    assert shape.notes == [
        "Two columns are called email: the later one is shown as email (2).",
        "Two columns are called email: the later one is shown as email (3).",
    ]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them():
    chunks = chunks_of('id,text\n1,"two\nlines"\n\n2,b\n')
    assert [batch.numbers for batch in read(look_at(chunks), chunks)] == [[2, 4]]


def test_a_quote_that_is_never_closed_is_one_bad_row():
    chunks = chunks_of('id,text\n1,a\n2,"b\n3,c\n4,d\n')
    (batch,) = read(look_at(chunks), chunks)
    assert (batch.numbers, batch.unclosed) == ([2, 3], 3)
    assert batch.rows[0] == ["1", "a"]


BAD_FILES = {
    "empty": (b"", 422, "The file is empty."),
    "blank": (b" \r\n\n", 422, "The file is empty."),
    "only a mark": (codecs.BOM_UTF8, 422, "The file has no header and no rows."),
    "header only": (b"id,name\n", 422, "The file has a header but no rows."),
    "header and blank lines": (b"id,name\n\n,\n", 422, "The file has a header but no rows."),
    "workbook": (
        b"PK\x03\x04\x14\x00\x06\x00" + bytes(200),
        415,
        "This is an Excel workbook or a zip archive, not a CSV file: save the sheet as CSV first.",
    ),
    "picture": (
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        415,
        "This is not a text file: it is full of bytes that no text has.",
    ),
    "pdf": (b"%PDF-1.7\n%...", 415, "This is a pdf file, not a CSV file."),
    "broken utf-16": (codecs.BOM_UTF16_LE + b"a\x00,\x00b\x00\x00\xd8a", 422, "The file begins as UTF-16 but is not."),
    "too many columns": (
        (",".join(f"c{i}" for i in range(501)) + "\n1\n").encode(),
        422,
        "The first row has 501 columns; at most 500 can be read.",
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_gets_a_sentence(name):
    data, status, sentence = BAD_FILES[name]
    with pytest.raises(UnreadableError) as refusal:
        look_at(chunks_of(data))
    assert (str(refusal.value), refusal.value.status) == (sentence, status)


def test_a_quote_left_open_over_megabytes_gets_a_sentence():
    chunks = chunks_of(b'id,text\n1,a\n2,"b\n' + b"3,c\n" * 2_200_000, 1 << 20)
    with pytest.raises(
        UnreadableError, match="Near row 1 the file cannot be split into rows: a quote may be left open"
    ):
        list(read(look_at(chunks), chunks))


@pytest.mark.parametrize("tail", [b"x" * 9_000_000, b"," * 9_000_000])
def test_a_line_without_an_end_is_not_taken_into_memory(tail):
    data = b"external_id,name\n1," + tail
    with pytest.raises(UnreadableError, match="A line of this file is longer than 8 MB"):
        look_at(lambda: (data[at : at + 65536] for at in range(0, len(data), 65536)))
