"""CSV files for tests, made in place."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from accounts.domain.imports.reading import Chunks, Shape, look_at, read

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def text_of(header: Sequence[str], rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([header, *rows])
    return out.getvalue()


def chunks_of(data: bytes | str, size: int = 7) -> Chunks:
    """In small chunks, so that every boundary falls into the middle of something."""
    raw = data.encode() if isinstance(data, str) else data
    return lambda: (raw[i : i + size] for i in range(0, len(raw), size))


def rows_of(data: bytes | str) -> tuple[Shape, list[list[str]]]:
    chunks = chunks_of(data)
    shape = look_at(chunks)
    return shape, [row for batch in read(shape, chunks) for row in batch.rows]


def written(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path
