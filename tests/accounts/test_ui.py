import gzip
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django import forms
from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import timezone, translation

from accounts import formats, icons
from accounts.registry import activity_kinds, navigation

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOSTILE = '<img src=x onerror="alert(1)">'
TEMPLATES = settings.BASE_DIR / "templates"


def render(source: str, **context) -> str:
    return engines["django"].from_string(source).render(context)


def all_templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


# Bands and scores ---------------------------------------------------------------------------------


def test_a_band_is_told_by_colour_and_word_and_shape():
    assert render('{% band "red" %}') == (
        '<span class="badge tone-red"><svg class="shape shape-red" viewBox="0 0 10 10" width="10" height="10" '
        'aria-hidden="true"><path d="M5 .6 9.8 9.2H.2z"/></svg>Red</span>'
    )


def test_a_churned_account_has_no_band():
    assert render("{% band nothing %}{% band_shape nothing %}", nothing=None) == "–"


def test_the_shape_alone_still_has_its_word():
    assert render('{% band_shape "thriving" %}').endswith('<span class="visually-hidden">Thriving</span></span>')


@pytest.mark.parametrize(("value", "shown"), [("40.49", "40"), ("40.5", "41"), ("112.2", "112"), (0, "0")])
def test_a_score_is_rounded_half_up_as_its_band_is_read_off_it(value, shown):
    assert f">{shown}<svg" in render("{% score value 'yellow' %}", value=value)


def test_a_score_nobody_knows_is_a_dash():
    assert render("{% score value 'unknown' %}", value=None) == '<span class="muted">–</span>'


# Times --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delta", "css", "words"),
    [
        (timedelta(minutes=-5), ' class="late"', "5 min late"),
        (timedelta(hours=-2, minutes=-1), ' class="late"', "2 h late"),
        (timedelta(days=-1), ' class="late"', "1 day late"),
        (timedelta(days=-3), ' class="late"', "3 days late"),
        (timedelta(hours=2), ' class="soon"', "today 4:00\u202fPM"),
        (timedelta(hours=20), ' class="soon"', "tomorrow 10:00\u202fAM"),
        (timedelta(days=3), "", "Wed 2:00\u202fPM"),
        (timedelta(days=20), "", "Dec 12"),
    ],
)
def test_a_deadline_is_told_as_one_plans_a_day(delta, css, words):
    with time_machine.travel(NOON, tick=False), timezone.override("Europe/Bucharest"):
        html = render("{% due at %}", at=NOON + delta)
    assert re.fullmatch(rf'<time datetime="[^"]+"{css} title="[^"]+ EET">{words}</time>', html)


def test_times_name_the_readers_zone():
    with timezone.override("Europe/Bucharest"), time_machine.travel(NOON, tick=False), translation.override("fr"):
        html = render("{% when at %} {% day on %}", at=NOON - timedelta(hours=3), on=date(2026, 12, 31))
    assert html == (
        '<time datetime="2026-11-22T09:00:00+00:00" title="22 novembre 2026, 11:00 EET">il y a 3 heures</time> '
        '<time datetime="2026-12-31" title="31 décembre 2026">31 déc.</time>'
    )


def test_inside_a_language_block_somebody_else_reads():
    html = render('{% number 1.5 %} {% language "fr" %}{% number 1.5 %}{% endlanguage %} {% number 1.5 %}')
    assert html == "1.5 1,5 1.5"


# Hostile text -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "{% money 5 text %}",
        "{% avatar text %}",
        "{% copy text %}",
        "{% progress 1 of=2 label=text note=text %}",
        "{% sparkline values label=text tone=text %}",
        "{% meter 5 label=text tone=text %}",
        "{% trend 5 text %}",
        "{% emptystate title=text %}{{ text }}{% endemptystate %}",
        "{% notice tone=text %}{{ text }}{% endnotice %}",
        "{% card title=text link=text %}{{ text }}{% endcard %}",
        "{% dialog id=text title=text %}{{ text }}{% enddialog %}",
        "{% menu title=text label=text %}{{ text }}{% endmenu %}",
    ],
)
def test_hostile_text_stays_text(source):
    html = render(source, text=HOSTILE, values=[1, 2])
    assert "<img" not in html
    assert 'onerror="' not in html


# Forms --------------------------------------------------------------------------------------------


class PulseForm(forms.Form):
    pulse = forms.IntegerField(label="Pulse", help_text="1 to 5", max_value=5)
    reason = forms.CharField(label="Reason", required=False)
    sure = forms.BooleanField(label="Sure", required=False)


def squeezed(html: str) -> str:
    return re.sub(r"\s*(<|$)", r"\1", re.sub(r"(>)\s+", r"\1", html))


def test_a_field_ties_label_help_and_error_to_its_control():
    html = squeezed(render("{% field form.pulse %}", form=PulseForm({"pulse": "9"})))
    alert = icons.icon("alert")
    assert html == (
        '<div class="field invalid"><label class="label" for="id_pulse">Pulse</label>'
        '<input type="number" name="pulse" value="9" max="5" required aria-invalid="true" '
        'aria-describedby="id_pulse_helptext id_pulse_error" id="id_pulse">'
        '<div class="help" id="id_pulse_helptext">1 to 5</div>'
        f'<div id="id_pulse_error"><p class="error">{alert}<span>Ensure this value is less than or equal to 5.</span></p></div>'
        "</div>"
    )


def test_what_may_stay_empty_says_so():
    html = squeezed(render("{% field form.reason %}{% field form.sure %}", form=PulseForm()))
    assert html.count("optional") == 2  # its class and its word: a box to tick needs neither
    assert (
        '<div class="choice"><input type="checkbox" name="sure" id="id_sure"><label for="id_sure">Sure</label></div>'
        in html
    )


# Progress, pages ----------------------------------------------------------------------------------


def test_progress_knows_its_share_or_says_that_it_is_busy():
    assert 'value="37.4" max="100">37%</progress>' in render("{% progress 374 of=1000 %}")
    with translation.override("fr"):
        assert 'value="37.4" max="100">37\xa0%</progress>' in render("{% progress 374 of=1000 %}")
    assert '<progress aria-label="Recomputing"></progress>' in render("{% progress label='Recomputing' %}")


def test_a_label_and_its_text_are_joined_as_the_language_joins_them(monkeypatch):
    assert (formats.labelled("Goal", 5), render("Goal{% colon %} 5")) == ("Goal: 5", "Goal: 5")
    monkeypatch.setattr(formats, "_", lambda text: text.replace(":", "\xa0:"))
    assert (formats.labelled("But", 5), render("But{% colon %} 5")) == ("But\xa0: 5", "But\xa0: 5")


def test_the_pager_keeps_the_filters_and_moves_one_way():
    class Page:
        previous, next, note = None, "c2", "Accounts 1 to 50"

    request = RequestFactory().get("/accounts/?band=red&before=c0")
    request.htmx = False
    html = engines["django"].from_string("{% pager page %}").render({"page": Page}, request)
    assert 'href="?band=red&amp;after=c2"' in html
    assert "Previous" not in html


def test_a_page_that_does_not_exist_has_no_address():
    assert render('{% url_or "never:built" as url %}[{{ url }}]') == "[]"


# The templates themselves -------------------------------------------------------------------------


@pytest.mark.parametrize("path", all_templates(), ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_every_template_compiles_and_obeys_the_content_security_policy(path):
    get_template(str(path.relative_to(TEMPLATES)))
    text = path.read_text()
    if "emails" not in path.parts:  # mail programs read nothing but inline styles
        assert not re.search(r'\sstyle="|<style|\son[a-z]+="|<script(?![^>]*\s(src|type="application/json")=?)', text)
    assert "|safe" not in text


def test_every_icon_that_is_named_is_drawn():
    named = {name for path in all_templates() for name in re.findall(r'{% icon "([^"]+)"', path.read_text())}
    named |= {kind.icon for kind in activity_kinds.items.values()} | {item.icon for item in navigation.items.values()}
    assert named - icons.PATHS.keys() == set()


@pytest.mark.parametrize("name", ["400", "403", "404", "422", "500", "403_csrf"])
def test_error_pages_need_neither_request_nor_database(name):
    html = get_template(f"{name}.html").render()
    assert html.count("<h1>") == 1
    assert 'href="/"' in html


def test_css_and_javascript_stay_small():
    """What every page brings, and four of the heaviest that single pages add: more than any of them has."""
    static = settings.BASE_DIR / "config" / "static" / "tenure"
    everywhere = set(re.findall(r"tenure/([\w-]+\.(?:css|js))", (TEMPLATES / "ui" / "assets.html").read_text()))
    sizes = {p.name: len(gzip.compress(p.read_bytes())) for p in static.rglob("*") if p.suffix in {".css", ".js"}}
    shared = sum(sizes[name] for name in everywhere)
    own = sorted((size for name, size in sizes.items() if name not in everywhere), reverse=True)
    assert shared + sum(own[:4]) < 43_000  # htmx adds 17 KB: on no page more than 60 KB


# Theme and navigation -----------------------------------------------------------------------------


def test_the_theme_is_kept_in_a_cookie_and_known_from_the_first_byte(chloe, signed_in):
    browser = signed_in(chloe)
    response = browser.post("/theme/", {"theme": "dark", "next": "/settings/"})
    assert (response.status_code, response["Location"], response.cookies["theme"].value) == (302, "/settings/", "dark")
    assert 'data-theme="dark"' in browser.get("/security/").content.decode()
    browser.post("/theme/", {"theme": ""})
    assert "data-theme=" not in browser.get("/security/").content.decode()


@pytest.mark.parametrize("value", ["neon", HOSTILE, ""])
def test_a_theme_nobody_drew_is_the_systems(value, chloe, signed_in):
    browser = signed_in(chloe)
    browser.cookies["theme"] = "neon"
    assert "data-theme=" not in browser.get("/security/").content.decode()
    assert browser.post("/theme/", {"theme": value}).cookies["theme"].value == ""


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_choosing_a_theme_leads_nowhere_else(address, chloe, signed_in):
    assert signed_in(chloe).post("/theme/", {"theme": "dark", "next": address})["Location"] == "/"


def test_the_theme_is_chosen_by_post(chloe, signed_in):
    assert signed_in(chloe).get("/theme/").status_code == 405


def test_the_navigation_shows_what_the_reader_may_open(alice, chloe, rf):
    from accounts.navigation import Navigation

    def titles(user, path="/"):
        request = rf.get(path)
        request.user = user
        return [
            (link.key, link.current)
            for link in Navigation(request).links
            if link.key in {"queue", "accounts", "settings"}
        ]

    assert ("settings", False) in titles(alice)
    assert "settings" not in dict(titles(chloe))


def test_two_sections_never_share_a_letter():
    from accounts.navigation import letters

    assert letters(["queue", "renewals", "referrals", "reports"]) == {
        "queue": "q",
        "renewals": "r",
        "referrals": "e",
        "reports": "p",
    }


def test_the_style_page_is_for_those_who_see_the_settings(alice, chloe, signed_in):
    assert signed_in(alice).get("/settings/style/").status_code == 200
    assert signed_in(chloe).get("/settings/style/").status_code == 404


def test_htmx_gets_the_content_without_the_frame(alice, signed_in):
    browser = signed_in(alice)
    page = browser.get("/settings/style/").content.decode()
    fragment = browser.get("/settings/style/", headers={"HX-Request": "true"}).content.decode()
    assert page.startswith("<!doctype html>")
    assert "<html" not in fragment
    assert "</aside>" in fragment
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert browser.get("/settings/style/", headers=restored).content.decode().startswith("<!doctype html>")


@pytest.mark.parametrize("path", ["/login/", "/password/reset/", "/password/reset/done/", "/signup/"])
def test_strangers_see_the_sign_in_pages_in_our_frame(path, client, db):
    html = client.get(path).content.decode()
    assert "plain-card" in html
    assert html.count("<h1>") == 1


@pytest.mark.parametrize("path", ["/security/", "/sessions/", "/password/change/"])
def test_the_signed_in_see_their_security_in_our_frame(path, chloe, signed_in):
    html = signed_in(chloe).get(path).content.decode()
    assert 'class="settings"' in html
    assert html.count("<h1>") == 1
