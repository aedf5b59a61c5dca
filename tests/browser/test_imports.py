"""An admin brings a file in, from the upload to the refused rows taken home."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.models import Account

FILE = "customer_id,company,since\nacme,Acme,31/01/2024\nbeta,Beta,05/02/2024\n,Nobody,05/02/2024\n"


def sound(page: Page) -> None:
    """Axe finds nothing."""
    assert [(v["id"], v["nodes"][0]["html"]) for v in Axe().run(page).response["violations"]] == []


def test_a_file_is_uploaded_mapped_checked_and_imported(alice, open_page, queue):
    page = open_page(user=alice)
    page.goto("/settings/imports/")
    sound(page)
    page.get_by_label("CSV file").set_input_files({"name": "book.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("heading", name="book.csv")).to_be_visible()
    sound(page)
    # Another column: what it would be read as is shown at once.
    page.get_by_label("External id").select_option("company")
    expect(page.locator("#example-external_id")).to_contain_text("Acme")
    page.get_by_label("External id").select_option("customer_id")
    expect(page.locator("#example-external_id")).to_contain_text("acme")
    expect(page.locator("#example-started_on")).to_contain_text("2024-01-31")
    page.get_by_role("button", name="Check the file").click()

    expect(page.get_by_text("The whole file is being checked")).to_be_visible()
    sound(page)
    queue.drain()  # a worker, while the page asks every second
    start = page.get_by_role("button", name="Import 2 rows")
    expect(start).to_be_visible()
    sound(page)
    expect(page.get_by_text("External id is missing.")).to_be_visible()
    assert not Account.objects.exists()
    start.click()

    expect(page.get_by_text("The file is being imported")).to_be_visible()
    queue.drain()
    expect(page.get_by_text("Done. Scores follow within seconds.")).to_be_visible()
    sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all as CSV").click()
    assert (
        download.value.path().read_text("utf-8-sig").splitlines()[1] == "4,External id is missing.,,Nobody,05/02/2024"
    )
    assert set(Account.objects.values_list("external_id", flat=True)) == {"acme", "beta"}
