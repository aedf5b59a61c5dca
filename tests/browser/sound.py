"""What is expected of every page: what axe, a ruler and a scale find wrong with it, in words."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

MOST_BYTES = 100 * 1024
WHOLE = {"resultTypes": ["violations"]}

TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const out = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > width + 1);
  return (out.length ? out : [document.body]).slice(0, 3).map((e) => e.outerHTML.slice(0, 120));
}"""


def axe_finds(page: Page) -> list[str]:
    found = Axe().run(page, options=WHOLE).response["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"][:3]]


def too_wide(page: Page) -> list[str]:
    """Parts that make the page scroll sideways."""
    return [f"too wide: {html}" for html in page.evaluate(TOO_WIDE)]


BUSY = ", ".join(f".htmx-{doing}" for doing in ("request", "swapping", "settling", "added"))


def settle(page: Page) -> None:
    """Boxes that load themselves have loaded, and what htmx brought is alive."""
    expect(page.locator(f"[data-panel] > .skeleton, {BUSY}")).to_have_count(0)


def found_wrong(page: Page) -> list[str]:
    return axe_finds(page) + too_wide(page)
