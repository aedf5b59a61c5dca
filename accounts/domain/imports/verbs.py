"""Between the stage and the verbs that take rows: the same ones that forms and the API end in."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from accounts import formats
from accounts.domain.bulk import Counts as Written
from accounts.domain.imports.loader import Counts, Loader
from accounts.domain.imports.staging import Stage
from accounts.exceptions import DomainError

Rows = Iterable[Mapping[str, Any]]


def write_rows(stage: Stage, names: Sequence[str], verb: Callable[[Rows], Written], loader: Loader) -> Counts:
    """Give the stage's rows to `verb`, fields by name; what it refuses goes where the other refusals are."""
    numbers: list[int] = []
    written = verb(_rows(stage, names, numbers))
    stage.add_refusals((numbers[index], sentence(error, loader)) for index, error in written.refused)
    return Counts(written.created, written.updated, written.unchanged)


def _rows(stage: Stage, names: Sequence[str], numbers: list[int]) -> Iterator[dict[str, Any]]:
    for number, *values in stage.rows(*names):
        numbers.append(number)
        yield dict(zip(names, values, strict=True))


def sentence(error: DomainError, loader: Loader) -> str:
    """The sentences of the fields where there are any: they say more than the whole."""
    labels = {f.name: str(f.label) for f in loader.fields}
    by_field = [
        formats.labelled(labels[name], text) if name in labels else str(text)
        for name, texts in error.errors.items()
        for text in texts
    ]
    return " ".join(by_field) or str(error)
