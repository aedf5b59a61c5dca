"""A run's files, kept in the database piece by piece: what was uploaded, and the rows that were refused."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.domain.imports.reading import Chunks
from accounts.exceptions import DomainError
from accounts.models import ImportPiece, ImportRun

PIECE = 512 * 1024
Part = ImportPiece.Part


class TooLargeError(DomainError):
    code, status = "too_large", 413


def too_large() -> TooLargeError:
    limit = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
    return TooLargeError(_("The file is larger than %(limit)s MB: split it.") % {"limit": limit})


def keep(run: ImportRun, part: str, chunks: Iterable[bytes]) -> int:
    """Store what comes, however it is cut; its size."""
    size = 0
    for position, data in enumerate(_pieces(chunks)):
        size += len(data)
        if part == Part.FILE and size > settings.UPLOAD_MAX_BYTES:
            raise too_large()
        ImportPiece.objects.create(run=run, part=part, position=position, data=data)
    return size


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


def chunks_of(run: ImportRun, part: str = Part.FILE) -> Chunks:
    """The file from its beginning, each time it is asked for; one piece in memory at a time."""

    def chunks() -> Iterator[bytes]:
        position = 0
        while piece := _piece(run, part, position):
            yield piece
            position += 1

    return chunks


def _piece(run: ImportRun, part: str, position: int) -> bytes | None:
    data = run.pieces.filter(part=part, position=position).values_list("data", flat=True).first()
    return None if data is None else bytes(data)


def chunks_of_path(path: Path) -> Chunks:
    """A file on this machine's disk, without a detour."""

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            yield from _blocks(file.read)

    return chunks


def _blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while block := read(PIECE):
        yield block


def blocks_of(file: object) -> Iterator[bytes]:
    yield from _blocks(file.read)  # type: ignore[attr-defined]


def drop(run: ImportRun, *parts: str) -> None:
    run.pieces.filter(part__in=parts).delete()
