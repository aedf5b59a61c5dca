"""What `make check` finds in a translation catalogue."""

import io

import pytest
from babel.messages.pofile import read_po

from config.catalogues import compiled, problems, read_catalogue

HEADER = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"
"""
GOOD = """
msgid "Queue"
msgstr "File"

msgctxt "band"
msgid "Red"
msgstr "Rouge"

msgid "%(count)s account of {name}"
msgid_plural "%(count)s accounts of {name}"
msgstr[0] "un compte de {name}"
msgstr[1] "%(count)s comptes de {name}"
"""


def entry(msgid: str, msgstr: str) -> str:
    return f'\nmsgid "{msgid}"\nmsgstr "{msgstr}"\n'


@pytest.fixture
def catalogue(tmp_path):
    """Writes and compiles a French catalogue."""

    def write(text: str, compile_too: bool = True):
        path = tmp_path / "django.po"
        path.write_text(HEADER + text)
        if compile_too:
            path.with_suffix(".mo").write_bytes(compiled(read_catalogue(path, "fr")))
        return path

    return write


def source(text: str):
    return read_po(io.StringIO(HEADER + text))


def test_a_complete_catalogue_has_no_findings(catalogue):
    assert problems(catalogue(GOOD), "fr", source(GOOD)) == []


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (entry("Name", ""), "fr: 'Name': not translated"),
        ("\n#, fuzzy" + entry("Name", "Nom"), "fr: 'Name': fuzzy"),
        (entry("Hello %(name)s", "Bonjour"), "fr: 'Hello %(name)s': placeholders differ in 'Bonjour'"),
        (
            entry("Hello %(name)s", "Bonjour %(nom)s"),
            "fr: 'Hello %(name)s': placeholders differ in 'Bonjour %(nom)s'",
        ),
        (entry("Dear {name}", "Cher {nom}"), "fr: 'Dear {name}': placeholders differ in 'Cher {nom}'"),
    ],
)
def test_an_entry_that_is_not_right_is_found(catalogue, text, finding):
    assert problems(catalogue(text), "fr", None) == [finding]


def test_what_the_code_says_and_the_catalogue_does_not_is_found_both_ways(catalogue):
    found = problems(catalogue(entry("Old", "Vieux")), "fr", source(entry("New", "")))
    assert found == ["fr: 'New': not in the catalogue", "fr: 'Old': no longer in the code"]


def test_the_same_word_in_another_sense_needs_its_own_translation(catalogue):
    found = problems(catalogue(entry("Red", "Rouge")), "fr", source('\nmsgctxt "band"\nmsgid "Red"\nmsgstr ""\n'))
    assert found == ["fr: 'Red': no longer in the code", "fr: 'Red': not in the catalogue"]


def test_a_compiled_catalogue_that_is_out_of_date_is_found(catalogue):
    catalogue(GOOD)
    path = catalogue(GOOD + entry("New", "Nouveau"), compile_too=False)
    assert problems(path, "fr", None) == ["fr: the compiled catalogue is out of date"]
    path.with_suffix(".mo").unlink()
    assert problems(path, "fr", None) == ["fr: the compiled catalogue is out of date"]


def test_a_missing_catalogue_is_found(tmp_path):
    assert problems(tmp_path / "django.po", "fr", None) == [f"{tmp_path}/django.po does not exist"]
