import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from django.utils import translation

from accounts import charts, formats
from accounts.charts.drawing import ticks

MONTHS = ["Jan", "Feb", "Mar", "Apr"]
HOSTILE = "<script>alert(1)</script>"


def tree(html: str) -> ET.Element:
    """Parses only what is well-formed."""
    return ET.fromstring(f"<root>{html}</root>")


def table(html: str) -> list[list[str]]:
    rows = tree(html).iter("tr")
    return [["".join(cell.itertext()) for cell in row] for row in rows]


def spoken(html: str) -> str:
    return next(e.get("aria-label") for e in tree(html).iter("svg") if e.get("role") == "img")


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 100, [0, 25, 50, 75, 100]),
        (0, 7, [0, 2, 4, 6, 8]),
        (-900, 4200, [-2000, 0, 2000, 4000, 6000]),
        (5, 5, [0, 2, 4, 6]),
        (0, 0, [0, 0.25, 0.5, 0.75, 1]),
        (-3, -3, [-3, -2, -1, 0, 1]),
        (0, 0.4, [0, 0.1, 0.2, 0.3, 0.4]),
    ],
)
def test_a_scale_has_round_marks_around_what_it_shows(low, high, marks):
    assert ticks(low, high) == marks


def test_a_sparkline_says_in_words_what_it_shows():
    svg = charts.sparkline([10, None, 30, 20], label="Score", tone="red")
    assert svg == (
        '<svg class="spark tone-red" viewBox="0 0 96 24" width="96" height="24" role="img" '
        'aria-label="Score: from 10 to 20, lowest 10, highest 30">'
        '<path class="stroke" d="M3 21M63 3L93 12"/><circle class="fill" cx="93" cy="12" r="2"/></svg>'
    )


def test_a_sparkline_of_nothing_is_a_dash():
    assert charts.sparkline([]) == charts.sparkline([None, None]) == '<span class="muted">–</span>'


def test_a_flat_or_single_value_lies_in_the_middle():
    assert 'd="M3 12L93 12"' in charts.sparkline([5, 5])
    assert 'cx="3" cy="12"' in charts.sparkline([5])


def test_a_line_chart_has_its_numbers_in_a_table():
    chart = charts.line(
        "Score", MONTHS, [charts.Series("Score", [58, 52.5, None, 35])], zones=charts.BAND_ZONES, low=0, high=100
    )
    assert table(chart) == [["Date", "Score"], ["Jan", "58"], ["Feb", "52.5"], ["Mar", "–"], ["Apr", "35"]]
    assert spoken(chart) == "Score: from 58 to 35, lowest 35, highest 58"


@pytest.mark.parametrize("months", [2, 7, 12, 13, 24, 36])
@pytest.mark.parametrize("draw", [charts.line, charts.bars])
def test_labels_below_do_not_touch_each_other_on_any_screen(draw, months):
    labels = formats.month_labels([date(2024 + n // 12, 1 + n % 12, 1) for n in range(months)])
    drawn = [
        text
        for text in tree(draw("MRR", labels, [charts.Series("MRR", [1] * months)])).iter("text")
        if "%" in text.get("x")
    ]
    narrow = [text for text in drawn if text.get("class") == "tick"]
    assert narrow[-1].text == labels[-1]
    for shown, width in ((drawn, 560), (narrow, 270)):
        reach = [_reach(text, width) for text in shown]
        assert all(before[1] + 8 <= after[0] for before, after in pairwise(reach))
        assert len(reach) > 1


def _reach(text: ET.Element, width: int) -> tuple[float, float]:
    """Where it stands, at 6.2 pixels a letter."""
    long, at = 6.2 * len(text.text), float(text.get("x").rstrip("%")) * width / 100
    left = at - {"start": 0, "middle": long / 2, "end": long}[text.get("text-anchor")]
    return left, left + long


def test_the_bands_lie_behind_a_score_where_the_rules_put_them():
    chart = charts.line("", MONTHS, [charts.Series("", [50] * 4)], zones=charts.BAND_ZONES, low=0, high=100)
    zones = [(e.get("class"), e.get("y"), e.get("height")) for e in tree(chart).iter("rect")]
    assert zones == [
        ("zone tone-red", "119.9", "76.1"),
        ("zone tone-yellow", "63.5", "56.4"),
        ("zone tone-green", "8", "55.5"),
    ]


def test_bars_stack_gains_upwards_and_losses_downwards():
    series = [charts.Series("New", [4, 0]), charts.Series("More", [2, 1], "2"), charts.Series("Churn", [-3, 0], "red")]
    bars = [
        e
        for e in tree(charts.bars("MRR", ["Jan", "Feb"], series)).iter("rect")
        if e.get("class").startswith("fill tone")
    ]
    drawn = [(e[0].text, e.get("y"), e.get("height")) for e in bars if len(e)]
    assert drawn == [
        ("Jan · New: 4", "60.6", "60.2"),
        ("Jan · More: 2", "30.6", "30.1"),
        ("Jan · Churn: −3", "120.8", "45.1"),
        ("Feb · More: 1", "105.8", "15"),
    ]


def test_stacks_name_their_parts_and_say_no_day_alone():
    """The last bar's day has only begun: "Signed in 0" above 94 sign-ins."""
    series = [charts.Series("Signed in", [4, 0]), charts.Series("Board opened", [2, 0])]
    names = tree(charts.bars("Points", ["Jan", "Feb"], series)).iter("li")
    assert ["".join(item.itertext()) for item in names] == ["Signed in", "Board opened"]


def test_values_are_written_as_told_and_in_the_readers_language():
    def euros(value):
        return formats.money(value, "EUR")

    with translation.override("fr"):
        chart = charts.bars("MRR", ["janv."], [charts.Series("Nouveau", [1234])], write=euros)
    assert table(chart) == [["Date", "Nouveau"], ["janv.", "1\u202f234\xa0€"]]


def test_what_moved_the_score_adds_up_as_printed():
    steps = [charts.Step("Usage", -14, "−42 % action points"), charts.Step("NPS", 2), charts.Step("Missing", -11)]
    chart = charts.waterfall("What moved the score", ("Oct 25", 58), steps, ("Nov 22", 35))
    assert table(chart) == [
        ["Oct 25", "", "58"],
        ["Usage−42 % action points", "", "−14"],
        ["NPS", "", "+2"],
        ["Missing", "", "−11"],
        ["Nov 22", "", "35"],
    ]
    bars = [(e.get("class"), e.get("x"), e.get("width")) for e in tree(chart).iter("rect")]
    assert bars == [
        ("fill tone-grey", "0%", "100%"),
        ("fill tone-red", "75.86%", "24.14%"),
        ("fill tone-green", "75.86%", "3.45%"),
        ("fill tone-red", "60.34%", "18.97%"),
        ("fill tone-accent", "0%", "60.34%"),
    ]


@pytest.mark.parametrize("draw", [charts.segments, charts.donut])
def test_parts_of_a_whole_tell_their_share(draw):
    chart = draw(
        "Accounts by band",
        [charts.Share("Red", 1, "red"), charts.Share("Green", 3, "green"), charts.Share("Thriving", 0)],
    )
    assert table(chart) == [
        ["What", "Value", "Share"],
        ["Red", "1", "25%"],
        ["Green", "3", "75%"],
        ["Thriving", "0", "0%"],
    ]
    assert spoken(chart) == "Red: 1, 25%; Green: 3, 75%; Thriving: 0, 0%"


@pytest.mark.parametrize("draw", [charts.segments, charts.donut])
def test_a_whole_of_nothing_is_drawn_empty(draw):
    assert table(draw("Accounts", [charts.Share("Red", 0)])) == [["What", "Value", "Share"], ["Red", "0", "–"]]


def every_chart(text: str) -> list[str]:
    series = [charts.Series(text, [1, 2], text), charts.Series(text, [3, -1])]
    return [
        charts.sparkline([1, 2], label=text, tone=text),
        charts.line(text, [text, text], series, first_column=text),
        charts.bars(text, [text, text], series),
        charts.waterfall(text, (text, 1), [charts.Step(text, 1, text)], (text, 2)),
        charts.segments(text, [charts.Share(text, 1, text)]),
        charts.donut(text, [charts.Share(text, 1, text)], middle=text),
        charts.across(text, [charts.Across(text, [1], text, text, mark=1)], [(text, text)], mark=text),
    ]


def test_hostile_names_stay_text():
    for chart in every_chart(HOSTILE):
        assert "<script" not in chart
        assert HOSTILE in "".join(
            [*tree(chart).itertext(), *(v for e in tree(chart).iter() for v in e.attrib.values())]
        )


def test_charts_obey_the_content_security_policy():
    for chart in every_chart("x"):
        assert not re.search(r"\sstyle=|<style|<script|\son\w+=", chart)


def test_charts_of_nothing_do_not_break_the_page():
    assert table(charts.line("Score", [], [charts.Series("Score", [])])) == [["Date", "Score"]]
    assert table(charts.bars("MRR", [], [])) == [["Date"]]
    assert table(charts.line("Score", ["Jan"], [charts.Series("Score", [None])])) == [["Date", "Score"], ["Jan", "–"]]


def test_a_line_shows_how_far_off_it_may_be():
    html = charts.line("NPS", MONTHS, [charts.Series("NPS", [10, 20, None, 30], "accent")], margin=[5, 10, None, 15])
    ways = [path.get("d") for path in tree(html).iter("path") if path.get("class") == "margin"]
    assert len(ways) == 1
    assert ways[0].count("M") == 2  # one shape on each side of the gap
    assert [row[-1] for row in table(html)] == ["Margin of error", "± 5", "± 10", "", "± 15"]


def test_columns_are_told_with_their_groups():
    shown = [charts.Column("0", 3, "red"), charts.Column("1", 0, "red"), charts.Column("9", 5, "green")]
    html = charts.columns("Answers", shown, [charts.Share("Detractors", 3, "red")], first_column="Score")
    assert spoken(html) == "0: 3; 1: 0; 9: 5"
    assert table(html) == [["Score", "Value"], ["0", "3"], ["1", "0"], ["9", "5"]]
    assert sum(1 for e in tree(html).iter("rect") if "tone-green" in e.get("class")) == 1
    assert "Detractors 3" in "".join(tree(html).find(".//ul").itertext())


def test_an_interval_stays_on_its_scale():
    html = charts.interval(90, 70, 110, least=-100, most=100, label="90 ± 20", tone="green")
    bar = tree(html).find(".//rect")
    assert (bar.get("x"), bar.get("width")) == ("85%", "15%")
    assert spoken(html) == "90 ± 20"


def test_lying_bars_share_a_scale_and_have_a_line_to_be_measured_by():
    rows = [
        charts.Across("Chloe", [4, 2], "6 h", note="36 h open", url="/x", mark=8),
        charts.Across("Cyril", [0, None]),
    ]
    html = charts.across("Hours", rows, [("Booked", "1"), ("Free", "grey")], mark="Planned", first_column="CSM")
    assert table(html)[2:] == [["CSM", "Booked", "Free", "Planned"], ["Chloe", "4", "2", "8"], ["Cyril", "0", "–", "–"]]
    bars = [(e.get("x"), e.get("width")) for e in tree(html).iter("rect") if e.get("y")]
    assert bars == [("0%", "49.7%"), ("50%", "24.7%")]
    assert tree(html).find(".//line[@class='across-mark']").get("x1") == "99.7%"
    assert spoken(html) == "Booked: 4; Free: 2; Planned: 8"


def test_a_scale_is_as_wide_as_its_longest_word() -> None:
    long = charts.line("Costs", ["a", "b"], [charts.Series("CAC", [10_000, 30_000], "accent")], write_axis=lambda v: f"{v:,.0f} $US")  # fmt: skip
    assert 'class="axis" width="72"' in long
    short = charts.line("Costs", ["a", "b"], [charts.Series("CAC", [1, 3], "accent")])
    assert 'class="axis" width="46"' in short
