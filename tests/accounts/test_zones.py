"""Choosing a time zone: the likely ones first, the others by region, each found by typing its city."""

import re

import pytest
import time_machine
from django import forms

from accounts.forms.zones import REGIONS, ZoneSelect
from tests.accounts.spine import NOON, make_account

GROUP = re.compile(r'<optgroup label="([^"]*)">(.*?)</optgroup>', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]*)"( selected)?>(.*?)</option>')


def drawn(html: str) -> dict[str, list[tuple[str, bool, str]]]:
    select = re.search(r"<select[^>]*data-zones[^>]*>(.*?)</select>", html, re.DOTALL)[1]  # type: ignore[index]
    return {
        label: [(value, bool(chosen), text) for value, chosen, text in OPTION.findall(options)]
        for label, options in GROUP.findall(select)
    }


def test_cities_stand_in_their_regions_with_their_offset_of_today() -> None:
    with time_machine.travel(NOON, tick=False):
        groups = drawn(ZoneSelect().render("zone", "America/New_York"))

    assert list(groups) == ["Likely", *map(str, REGIONS.values())]
    assert groups["Likely"] == [("America/New_York", True, "New York (UTC−5)"), ("UTC", False, "UTC (UTC+0)")]
    for region, zone, text in (
        ("America", "America/New_York", "New York (UTC−5)"),
        ("America", "America/Argentina/Buenos_Aires", "Buenos Aires, Argentina (UTC−3)"),
        ("Asia", "Asia/Kolkata", "Kolkata (UTC+5:30)"),
        ("Europe", "Europe/Paris", "Paris (UTC+1)"),
    ):
        assert (zone, False, text) in groups[region]
    for region in list(groups)[1:]:
        texts = [text for _zone, _chosen, text in groups[region]]
        assert texts == sorted(texts)


@pytest.mark.parametrize("zone", ["US/Eastern", "Etc/GMT+5", "Japan"])
def test_another_name_stays_where_it_was_chosen(zone) -> None:
    chosen = [
        option for options in drawn(ZoneSelect().render("zone", zone)).values() for option in options if option[1]
    ]
    assert [value for value, _chosen, _text in chosen] == [zone]


def test_what_is_no_zone_is_not_offered() -> None:
    assert drawn(ZoneSelect().render("zone", "Mars/<Base>"))["Likely"] == [("UTC", False, "UTC (UTC+0)")]


class Where(forms.Form):
    zone = forms.ChoiceField(choices=[("Europe/Paris", "Europe/Paris")], widget=ZoneSelect)


def test_the_field_says_what_is_valid_as_before() -> None:
    form = Where({"zone": "Asia/Tokyo"})
    assert "Tokyo" in form.as_p()
    assert list(form.errors) == ["zone"]


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/settings/profile/", "/accounts/{}/edit/", "/settings/hours/"])
def test_every_page_that_asks_for_a_zone_offers_the_readers_own_first(signed_in, chloe, page) -> None:
    chloe.time_zone = "Europe/Bucharest"
    chloe.save()
    account = make_account(csm=chloe, time_zone="Europe/Paris")

    groups = drawn(signed_in(chloe).get(page.format(account.pk)).content.decode())

    assert "Europe/Bucharest" in [value for value, _chosen, _text in groups["Likely"]]
    assert sum(chosen for options in groups.values() for _value, chosen, _text in options) == 1
