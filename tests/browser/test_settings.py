"""An admin changes how health is made up, without touching code."""

from playwright.sync_api import expect

from health.models import ScoreModel
from tests.browser.work import toast


def test_weights_that_do_not_add_up_are_refused_with_their_sum(page_of, alice):
    model = ScoreModel.objects.select_related("current").get()
    before = dict(model.current.weight_of)
    first, second = list(before)[:2]
    page = page_of(alice)
    page.goto("/settings/scoring/")
    page.get_by_role("table").get_by_role("link").first.click()
    one, other = (page.locator(f"#id_weight_{key}") for key in (first, second))
    one.fill(str(before[first] - 1))
    expect(page.locator("[data-sum]")).to_have_text("99")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert").first).to_contain_text("99")
    expect(one).to_have_value(str(before[first] - 1))

    other.fill(str(before[second] + 1))
    expect(page.locator("[data-sum]")).to_have_text("100")
    page.get_by_role("button", name="Publish").click()
    toast(page, "is in force; scores follow.")
    model.refresh_from_db()
    assert model.current.weight_of == before | {first: before[first] - 1, second: before[second] + 1}
