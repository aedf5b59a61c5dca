"""An admin changes how health is made up, without touching code."""

from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Playbook
from health.models import Action, ScoreModel
from tests.accounts.spine import make_account
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


def test_a_trial_of_a_playbook_is_read_in_lines_and_the_question_has_a_margin(page_of, alice):
    playbook, account = Playbook.objects.get(key="red"), make_account("Acme", external_id="acme", band="green")
    page = page_of(alice)
    page.goto(reverse("settings:playbook", args=[playbook.pk]))
    page.get_by_placeholder("Name or external id of an account").fill(account.external_id)
    page.get_by_role("button", name="Try", exact=True).click()
    why = page.locator(".kv > div", has=page.get_by_text("Why", exact=True))
    expect(why).to_be_visible()
    name, said = (why.locator(part).bounding_box() for part in ("dt", "dd"))
    assert said["width"] > 200
    assert abs(name["y"] - said["y"]) < 8

    page.get_by_role("button", name="Switch off").click()
    question, keep = page.get_by_role("dialog"), page.get_by_label("Keep them: somebody works them off")
    assert keep.bounding_box()["x"] - question.bounding_box()["x"] >= 16


def test_without_scripts_a_playbook_is_switched_off_on_its_page(page_of, alice):
    playbook = Playbook.objects.get(key="thriving")
    page = page_of(alice, java_script_enabled=False)
    page.goto(reverse("settings:playbook", args=[playbook.pk]))
    expect(page.locator("[data-dialog]")).to_be_hidden()
    page.get_by_label("Cancel them").check()
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("button", name="Switch on")).to_be_visible()


def test_a_long_name_from_a_program_stays_in_its_place(page_of, alice):
    Action.objects.create(key="x" * 120, name="X" * 120)
    page = page_of(alice)
    page.goto(reverse("health:actions"))
    expect(page.get_by_role("link", name="X" * 120)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_the_open_part_of_the_settings_is_in_sight(page_of, alice):
    page = page_of(alice, size={"width": 390, "height": 844})
    page.goto(reverse("settings:audit"))
    expect(page.locator(".subnav [aria-current]")).to_be_in_viewport(ratio=1)
