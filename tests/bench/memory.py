"""What a worker holds at the most, against what it held before; the web server's own for an export."""

from pathlib import Path

from accounts.domain.imports import runs as imports
from accounts.models import ImportRun
from tests.bench import company, processes
from tests.bench.ingest import file_of, usage_rows
from tests.bench.measuring import Bench, Result, at_most, measure
from tests.bench.pages import Page
from tests.bench.processes import forget_peak, peak, resident
from tests.bench.recompute import forget_today, whole_run


def over(pid: int, before: int) -> Result:
    return at_most(peak(pid) / before, 1.3, before_mb=before // 1024, peak_mb=peak(pid) // 1024)


@measure("memory_recompute")
def recompute(bench: Bench) -> Result:
    with processes.worker() as worker:
        (pid,) = worker.warm()
        whole_run()
        forget_today()
        before = resident(pid)
        forget_peak(pid)
        whole_run()
        return over(pid, before)


@measure("memory_import")
def import_(bench: Bench) -> Result:
    """As many rows of usage as there are accounts, checked and written; before it a file of a hundred."""
    with processes.worker() as worker:
        (pid,) = worker.warm()
        imported(usage_rows(100, bench.scale))
        before = resident(pid)
        forget_peak(pid)
        imported(usage_rows(bench.scale, bench.scale))
        return over(pid, before)


def imported(rows: list) -> None:
    cells = [(e, f"acc-{a}", f"action-{x}", n, t, u) for a, e, x, n, t, u in rows]
    with file_of("event_id,account,action,count,occurred_at,user", cells) as path:
        run = imports.create_run(filename="usage.csv", chunks=chunks(path), kind="usage", by=None)
    imports.choose_mapping(run, imports.mapping_of(run))
    _reached(run, ImportRun.Status.READY)
    imports.start(run)
    _reached(run, ImportRun.Status.DONE)
    assert run.result["run"]["created"] == len(rows), run.result


def chunks(path: Path):
    with path.open("rb") as file:
        while chunk := file.read(65536):
            yield chunk


def _reached(run: ImportRun, status: str) -> None:
    def there() -> bool:
        run.refresh_from_db()
        assert run.status != ImportRun.Status.FAILED, run.error
        return run.status == status

    processes.until(there, pause=0.1)


@measure("memory_export")
def export(bench: Bench) -> Result:
    """Every account as CSV, streamed by the web server."""
    with processes.web() as (server, child):
        pid = _web_process(child.process.pid)
        exported(server, "?q=acc-1")
        before = resident(pid)
        forget_peak(pid)
        lines = exported(server)
        assert lines == bench.scale + 1, lines
        return over(pid, before)


def exported(server, query: str = "") -> int:
    page = Page(f"/accounts/export.csv{query}", {}, company.ADMIN)
    server.request("GET", page.address, headers=page.all_headers)
    answer = server.getresponse()
    assert answer.status == 200, answer.status
    lines = 0
    while chunk := answer.read(65536):
        lines += chunk.count(b"\n")
    return lines


def _web_process(parent: int) -> int:
    """gunicorn's one worker."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return int(children[0])
