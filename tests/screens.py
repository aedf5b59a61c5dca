"""make screens: a photograph of every page, at 390 and 1440 px, light and dark, of the demo company.

It stands on the servers it is given (those of `config.embedded run`, fresh ones) and ends what it started.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import django
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import launch
from tests.ports import kept_port

ROOT = Path(__file__).resolve().parent.parent
SIZES = {"390": {"width": 390, "height": 844}, "1440": {"width": 1440, "height": 900}}
THEMES = ("light", "dark")
PATIENCE = 30.0
HIGHEST = 6000


def prepare() -> list:
    """The demo company, and every page's address in it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    from accounts.models import Account
    from tests.browser.pages import places

    call_command("migrate", verbosity=0)
    if not Account.objects.exists():
        call_command("demo", stdout=sys.stderr)
    return places()


def serve(port: int, log: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{port}", "--threads=4"]
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
    ends = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.1)
    server.kill()
    raise SystemExit(f"The web server did not start: see {log}.")


def sign_in(page: Page) -> None:
    from config.demo.team import PASSWORD

    page.goto("/login/")
    page.get_by_label("Email").fill("admin@tenure.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def whole(page: Page, size: dict[str, int]) -> dict[str, int]:
    """A window as high as the page: bars that stick to its edge stand at the page's edge then."""
    height = page.evaluate("() => document.documentElement.scrollHeight")
    return {**size, "height": min(max(height, size["height"]), HIGHEST)}


def photograph(browser: Browser, url: str, found: list, folder: Path) -> int:
    """One sign-in a size: a page is opened once and photographed in both colours."""
    taken = 0
    for name, size in SIZES.items():
        context = browser.new_context(base_url=url, viewport=size, reduced_motion="reduce")
        page, signed_in = context.new_page(), False
        for place in sorted(found, key=lambda one: one.part != "entrance"):
            if place.part != "entrance" and not signed_in:
                sign_in(page)
                signed_in = True
            page.set_viewport_size(size)
            page.goto(place.path, wait_until="networkidle")
            page.set_viewport_size(whole(page, size))
            for theme in THEMES:
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                page.screenshot(path=folder / f"{place.name}-{name}-{theme}.png")
                taken += 1
        context.close()
    return taken


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.screens", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the PNGs go")
    parser.add_argument("--only", default="", help="pages whose name contains this")
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    found = [place for place in prepare() if chosen.only in place.name]
    with kept_port() as port:
        server = serve(port, chosen.folder / "server.log")
        try:
            with sync_playwright() as playwright:
                browser = launch(playwright)
                taken = photograph(browser, f"http://127.0.0.1:{port}", found, chosen.folder)
                browser.close()
        finally:
            server.terminate()
            server.wait()
    print(f"{taken} pictures of {len(found)} pages in {chosen.folder}/")


if __name__ == "__main__":
    main(sys.argv[1:])
