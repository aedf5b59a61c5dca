"""From bytes to rows: whatever encoding, delimiter and line ends a spreadsheet or a database writes."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from django.utils.translation import gettext as _

from accounts.exceptions import DomainError

BATCH = 5_000
HEAD = 256 * 1024
# Beyond this the parser gives up: a quote was opened and never closed.
RECORD_LIMIT = 8 * 1024 * 1024
MAX_COLUMNS = 500
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
DELIMITERS = ",;\t|"
# So many rows are looked at for where the table begins.
TOP = 20
# Columns set apart by as many spaces as it takes, as statisticians' files have them.
SPACES = " "

Chunks = Callable[[], Iterable[bytes]]

# What a file that is not Unicode may be; nothing in its bytes says which.
ONE_BYTE = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "latin-1", "iso8859-2", "mac-roman")

SIGNATURES = (
    (b"PK\x03\x04", "xlsx"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "gz"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3", "sqlite"),
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Batch:
    numbers: list[int]
    rows: list[list[str]]
    # The row whose quote is never closed: what follows it in the file has become one cell.
    unclosed: int | None = None


class UnreadableError(DomainError):
    """The file as a whole says nothing to us."""

    code = "unreadable"


@dataclass(frozen=True)
class Shape:
    """How a file is to be read."""

    encoding: str
    delimiter: str
    header: list[str]
    header_row: int = 1
    notes: list[str] = field(default_factory=list)


# What kind of bytes -------------------------------------------------------------------------------


def look_at(chunks: Chunks, encoding: str = "", header_row: int = 0) -> Shape:
    """Read the whole file once for its encoding, its beginning for delimiter and header; a person may have said the
    encoding, and in which row the header is."""
    head = _head(chunks)
    if not head.strip():
        raise UnreadableError(_("The file is empty."), code="empty")
    _refuse_binary(head)
    encoding, notes = (encoding, []) if encoding and _decodes(chunks, encoding) else _encoding(head, chunks)
    delimiter, skip = _delimiter(_decoded_head(head, encoding), header_row)
    number, names, titled = _header(chunks, encoding, delimiter, skip, said=header_row > 0)
    header, renamed = unique_names(names)
    if titled:
        notes.append(_("The names of the columns were found in row %(row)s: what stands above is a title.")
                     % {"row": number})  # fmt: skip
    if not any(names):
        renamed.append(_("The first row has no names of columns: they are called Column 1, Column 2 and so on."))
    return Shape(encoding, delimiter, header, number, [*notes, *renamed])


def _head(chunks: Chunks) -> bytes:
    head = b""
    for chunk in chunks():
        head += chunk
        if len(head) >= HEAD:
            break
    return head[:HEAD]


def _refuse_binary(head: bytes) -> None:
    for signature, name in SIGNATURES:
        if head.startswith(signature):
            if name in {"xlsx", "xls"}:
                raise UnreadableError(
                    _("This is an Excel workbook or a zip archive, not a CSV file: save the sheet as CSV first."),
                    status=415,
                )
            raise UnreadableError(_("This is a %(type)s file, not a CSV file.") % {"type": name}, status=415)


def _encoding(head: bytes, chunks: Chunks) -> tuple[str, list[str]]:
    for mark, name in MARKS:
        if head.startswith(mark):
            if not _decodes(chunks, name):
                raise UnreadableError(_("The file begins as %(encoding)s but is not.") % {"encoding": name.upper()})
            return name, []
    if wide := _wide(head, chunks):
        return wide, []
    _refuse_control_bytes(head)
    if _decodes(chunks, "utf-8"):
        return "utf-8", []
    note = _("The file is not UTF-8; it was read as Western European (Windows-1252). Look at the accents.")
    return ("cp1252" if _decodes(chunks, "cp1252") else "latin-1"), [note]


def _wide(head: bytes, chunks: Chunks) -> str:
    """UTF-16 without its mark: every other byte of Western text is zero."""
    sample = head[:4096]
    for name, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if zeros and zeros.count(0) > len(zeros) * 0.6 and _decodes(chunks, name):
            return name
    return ""


def _refuse_control_bytes(head: bytes) -> None:
    """Text has tabs and line ends, and hardly any other control byte."""
    strange = sum(head.count(bytes([code])) for code in range(32) if code not in {9, 10, 12, 13, 27})
    if strange > max(8, len(head) // 50):
        raise UnreadableError(_("This is not a text file: it is full of bytes that no text has."), status=415)


def _decodes(chunks: Chunks, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in chunks():
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _decoded_head(head: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)(errors="ignore").decode(head)


# Delimiter and header -----------------------------------------------------------------------------


def _delimiter(text: str, header_row: int = 0) -> tuple[str, int]:
    """The delimiter, and how many lines to skip before the header (Excel's own "sep=;" line, or what is above the row
    that a person has named)."""
    first = text.split("\n", 1)[0].strip("\r ")
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4], max(1, header_row - 1)
    skip = max(0, header_row - 1)
    lines = list(io.StringIO(text, newline=""))[skip:]
    # Fewer lines than we look at: the sample ends in the middle of one, or the file is short.
    sample = lines[:200] if len(lines) > 200 or len(text) < HEAD // 4 else lines[:-1] or lines
    best = max(DELIMITERS, key=lambda mark: _fit(sample, mark))
    return (best if _fit(sample, best)[1] or not _spaced(sample) else SPACES), skip


def _spaced(lines: list[str]) -> bool:
    """A table of spaces: every line has as many words, and numbers among them (names of people have none)."""
    rows = [line.split() for line in lines if line.strip()]
    widths = {len(row) for row in rows}
    return len(widths) == 1 and min(widths) > 2 and all(any(map(_NUMBER.fullmatch, row)) for row in rows[1:])


def _fit(lines: list[str], delimiter: str) -> tuple[float, int]:
    """How well the lines make a table with this delimiter: share of rows as wide as the header, then width."""
    csv.field_size_limit(RECORD_LIMIT)
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0.0, 0
    widths = [len(row) for row in rows[_titles(rows) :]]
    if not widths or widths[0] < 2:
        return 0.0, 0
    return round(widths.count(widths[0]) / len(widths), 1), widths[0]


def _header(
    chunks: Chunks, encoding: str, delimiter: str, skip: int, *, said: bool = False
) -> tuple[int, list[str], bool]:
    """The number of the header's row, its names, and whether a title is above it. No names where the first row is one
    of numbers already, unless a person `said` that it is the header."""
    filled = (row for row in _records(chunks, encoding, delimiter) if row[0] > skip and any(map(str.strip, row[1])))
    rows = list(islice(filled, TOP))
    if not rows:
        raise UnreadableError(_("The file has no header and no rows."), code="empty")
    titles = 0 if said else _titles([cells for _number, cells in rows])
    number, cells = rows[titles]
    names = [cell.strip() for cell in cells]
    _check_header(names)
    if _is_row(cells) and not said:
        return number - 1, [""] * len(cells), bool(titles)
    if len(rows) == titles + 1:
        raise UnreadableError(_("The file has a header but no rows."), code="empty")
    return number, names, bool(titles)


def _titles(rows: list[list[str]]) -> int:
    """How many of the first rows are a title: one cell alone, above names and rows that all have more."""
    filled = [sum(map(bool, map(str.strip, row))) for row in rows[:TOP]]
    above = next((place for place, count in enumerate(filled) if count > 1), 0)
    if not above or len(filled) < above + 2 or min(filled[above:]) < 2:
        return 0
    return above if _is_names(rows[above]) and len({len(row) for row in rows[above:TOP]}) == 1 else 0


def _is_names(cells: list[str]) -> bool:
    """Each is there once, and none is a number, a day or an address."""
    names = [cell.strip().casefold() for cell in cells]
    return len(set(names)) == len(names) and all(any(map(str.isalpha, name)) and "@" not in name for name in names)


def _is_row(cells: list[str]) -> bool:
    """Names have letters; numbers and days do not."""
    text = "".join(cells)
    return len(cells) > 2 and any(map(str.isdigit, text)) and not any(map(str.isalpha, text))


def _check_header(names: list[str]) -> None:
    if len(names) > MAX_COLUMNS:
        raise UnreadableError(
            _("The first row has %(n)s columns; at most %(max)s can be read.") % {"n": len(names), "max": MAX_COLUMNS}
        )
    if any(len(name) > 200 or "\0" in name for name in names):
        raise UnreadableError(_("The first row does not look like names of columns."))


def unique_names(names: list[str]) -> tuple[list[str], list[str]]:
    """Every column gets a name of its own: "email", "email (2)", "Column 3"."""
    seen: dict[str, int] = {}
    unique, notes = [], []
    for position, name in enumerate(names, 1):
        wanted = name or _("Column %(n)s") % {"n": position}
        fresh = wanted
        while fresh in seen:
            seen[wanted] += 1
            fresh = f"{wanted} ({seen[wanted]})"
        seen[fresh] = 1
        unique.append(fresh)
        if fresh != wanted:
            notes.append(_("Two columns are called %(name)s: the later one is shown as %(other)s.")
                         % {"name": wanted, "other": fresh})  # fmt: skip
    return unique, notes


# Rows ---------------------------------------------------------------------------------------------


class _Stream(io.RawIOBase):
    """Chunks as one raw file, so that Python's own reader splits lines."""

    def __init__(self, chunks: Iterable[bytes], seen: Callable[[int], None] | None = None) -> None:
        self.chunks, self.rest, self.seen = iter(chunks), memoryview(b""), seen
        self.line = 0  # how much has come since a line ended

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest:
            chunk = next(self.chunks, None)
            if chunk is None:
                return 0
            self.rest = memoryview(chunk)
        size = min(len(buffer), len(self.rest))
        buffer[:size] = block = bytes(self.rest[:size])
        self.rest = self.rest[size:]
        self._measure(block)
        if self.seen:
            self.seen(size)
        return size

    def _measure(self, block: bytes) -> None:
        """Python's reader takes a line as a whole, and each of its cells has its price: a file without line ends would
        take all the memory there is."""
        self.line = 0 if b"\n" in block or b"\r" in block else self.line + len(block)
        if self.line > RECORD_LIMIT:
            limit = RECORD_LIMIT // (1024 * 1024)
            raise UnreadableError(
                _("A line of this file is longer than %(limit)s MB: it is no list of rows.") % {"limit": limit}
            )


# Comes after the last line of the file: when it is not a record of its own, a quote was left open.
_END = "\x00end-of-file\x00"


def _reader(chunks: Chunks, encoding: str, delimiter: str, seen: Callable[[int], None] | None = None) -> Iterator:
    csv.field_size_limit(RECORD_LIMIT)
    stream = io.BufferedReader(_Stream(chunks(), seen), 64 * 1024)
    lines: Iterable[str] = io.TextIOWrapper(stream, encoding, newline="")
    if delimiter == SPACES:
        lines = (" ".join(line.split()) + "\n" for line in lines)
    return csv.reader(chain(lines, [_END]), delimiter=delimiter)


def _records(chunks: Chunks, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    for batch in _batches(_reader(chunks, encoding, delimiter), 200):
        yield from zip(batch.numbers, batch.rows, strict=True)


def read(shape: Shape, chunks: Chunks, seen: Callable[[int], None] | None = None, size: int = BATCH) -> Iterator[Batch]:
    """The rows below the header in batches, numbered as a spreadsheet numbers them; blank lines are left out."""
    for batch in _batches(_reader(chunks, shape.encoding, shape.delimiter, seen), size):
        if batch.numbers and batch.numbers[0] > shape.header_row and all(batch.rows):
            yield batch
            continue
        below = [(n, row) for n, row in zip(batch.numbers, batch.rows, strict=True) if row and n > shape.header_row]
        if below:
            yield Batch([n for n, _row in below], [row for _n, row in below], batch.unclosed)


def _batches(reader: Iterator[list[str]], size: int) -> Iterator[Batch]:
    number = 1
    try:
        while rows := list(islice(reader, size)):
            batch = Batch(list(range(number, number + len(rows))), rows)
            number += len(rows)
            yield _without_end(batch)
    except csv.Error as error:
        raise UnreadableError(
            _("Near row %(row)s the file cannot be split into rows: a quote may be left open there (%(detail)s).")
            % {"row": number, "detail": error}
        ) from error
    except UnicodeError as error:
        raise UnreadableError(_("The file changes its encoding in the middle.")) from error


def _without_end(batch: Batch) -> Batch:
    """Our own end mark goes; a record that has swallowed it was opened by a quote that nobody closed."""
    last = batch.rows[-1]
    if last == [_END]:
        return Batch(batch.numbers[:-1], batch.rows[:-1])
    if last and last[-1].endswith(_END):
        last[-1] = last[-1].removesuffix(_END)
        return Batch(batch.numbers, batch.rows, unclosed=batch.numbers[-1])
    return batch
