"""/r/<code>: where it leads, which clicks are kept, and that none is lost or doubled."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.utils import timezone

from referrals.domain import clicks, following
from referrals.enums import PartnerStatus, ProgramStatus
from referrals.models import Click, DaySalt
from referrals.views import follow
from tests.referrals.money import make_partner, make_program, make_referral

pytestmark = pytest.mark.django_db

BROWSER = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
LANDING = ["https://tenure.example/welcome?from=1#plans", "https://tenure.example/pricing"]


@pytest.fixture
def kim(db):
    return make_partner(make_program(landing_urls=LANDING), "Kim")


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch):
    monkeypatch.setattr(clicks, "_salts", {})
    monkeypatch.setattr(following, "_known", {})
    monkeypatch.setattr(follow.keep, "away_until", 0.0)


def code_of(partner):
    return partner.codes.get().code


def asked(client, path, agent=BROWSER, **headers):
    return client.get(path, headers={"User-Agent": agent, **headers})


def query(answer):
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def test_a_click_leads_there_with_the_code_and_a_key_that_is_kept(client, kim, queue):
    answer = asked(client, f"/r/{code_of(kim)}?c=qr", Referer="https://blog.example/a-private/page?x=1")

    assert answer.status_code == 302
    where = urlsplit(answer.headers["Location"])
    assert (where.scheme, where.netloc, where.path, where.fragment) == ("https", "tenure.example", "/welcome", "plans")
    given = query(answer)
    assert given == {"from": "1", "ref": code_of(kim), "click": given["click"]}
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies
    assert not Click.objects.exists()  # off the request's path

    queue.drain()
    click = Click.objects.get()
    assert (click.key, click.partner, click.channel, click.referrer, click.counted, click.browser) == (
        given["click"], kim, "qr", "blog.example", True, ""
    )  # fmt: skip
    assert "127.0.0.1" not in str(click.__dict__)


def test_codes_are_found_in_any_spelling_and_with_a_slash(client, kim):
    code = code_of(kim)

    places = [f"/r/{code.upper()}", f"/r/{code}/", f"/r/ {code}\u200b", f"/r/{code}?c=nonsense"]

    assert [asked(client, place).status_code for place in places] == [302] * 4


def test_previews_robots_and_prefetches_get_there_and_are_not_counted(client, kim, queue):
    """RF-33: five requests, one click."""
    path = f"/r/{code_of(kim)}"
    answers = [
        client.head(path, headers={"User-Agent": BROWSER}),
        asked(client, path, "Slackbot-LinkExpanding 1.0"),
        asked(client, path, "facebookexternalhit/1.1"),
        asked(client, path),
        asked(client, path),
        asked(client, path, **{"Sec-Purpose": "prefetch"}),
    ]
    queue.drain()

    assert [answer.status_code for answer in answers] == [302] * 6
    assert ["click" in query(answer) for answer in answers] == [False, False, False, True, True, False]
    assert list(Click.objects.order_by("pk").values_list("counted", flat=True)) == [True, False]


def test_the_same_visitor_counts_again_after_an_hour(client, kim, queue):
    with time_machine.travel("2026-06-05T08:00Z", tick=False) as clock:
        for minutes in (0, 59, 2):
            clock.shift(timedelta(minutes=minutes))
            asked(client, f"/r/{code_of(kim)}")
        asked(client, f"/r/{code_of(kim)}", "Mozilla/5.0 (another browser)")
        queue.drain()

    assert list(Click.objects.order_by("pk").values_list("counted", flat=True)) == [True, False, True, True]


def test_a_message_delivered_twice_is_one_click_and_late_ones_find_their_place(client, kim, queue):
    with time_machine.travel("2026-06-05T08:00Z", tick=False) as clock:
        asked(client, f"/r/{code_of(kim)}")
        clock.shift(timedelta(minutes=10))
        asked(client, f"/r/{code_of(kim)}")
    early, late = queue.published("referrals.tasks.keep_click")

    for message in (late, late, early, early):
        queue.run(message)

    assert Click.objects.count() == 2
    assert Click.objects.filter(counted=True).count() == 1


def test_while_the_broker_is_away_no_click_is_lost(client, kim, queue):
    with queue.away():
        answers = [asked(client, f"/r/{code_of(kim)}") for _again in range(2)]

    assert {query(answer)["click"] for answer in answers} == set(Click.objects.values_list("key", flat=True))
    assert queue.published("referrals.tasks.keep_click") == []


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
        "https://tenure.example.evil.example/",
        "",
        "\0",
    ],
)
def test_it_leads_nowhere_but_to_the_programs_addresses(client, kim, wanted):
    answer = client.get(f"/r/{code_of(kim)}", {"to": wanted}, headers={"User-Agent": BROWSER})

    assert answer.headers["Location"].startswith("https://tenure.example/welcome?")


def test_another_of_the_programs_addresses_may_be_asked_for(client, kim):
    answer = client.get(f"/r/{code_of(kim)}", {"to": LANDING[1]}, headers={"User-Agent": BROWSER})

    assert answer.headers["Location"].startswith("https://tenure.example/pricing?ref=")


@pytest.mark.parametrize(
    "code", ["nobody", "🦄", "%00", "..%2F..", "x" * 4000, "\u202eevil", "<script>alert(1)</script>"]
)
def test_a_code_nobody_has_is_told_kindly(client, kim, code):
    answer = asked(client, f"/r/{code}")

    assert (answer.status_code, "Location" in answer.headers) == (404, False)
    assert b"alert(1)</script>" not in answer.content


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": ProgramStatus.PAUSED}, 410),
        ({"status": ProgramStatus.ENDED}, 410),
        ({"status": ProgramStatus.DRAFT}, 404),
        ({"ends_on": "2020-01-01"}, 410),
        ({"starts_on": "2999-01-01"}, 410),
        ({"landing_urls": []}, 410),
    ],
)
def test_a_program_that_takes_nobody_says_so(client, kim, queue, fields, status):
    program = kim.program
    for name, value in fields.items():
        setattr(program, name, value)
    program.save()

    answer = asked(client, f"/r/{code_of(kim)}")
    queue.drain()

    assert (answer.status_code, Click.objects.count()) == (status, 0)


@pytest.mark.parametrize("how", ["partner", "code"])
def test_who_rests_brings_nobody_and_visitors_get_there_all_the_same(client, kim, queue, how):
    if how == "partner":
        type(kim).objects.update(status=PartnerStatus.PAUSED)
    else:
        kim.codes.update(active=False)

    answer = asked(client, f"/r/{code_of(kim)}")
    queue.drain()

    assert answer.headers["Location"] == LANDING[0]
    assert not Click.objects.exists()


def test_a_cookie_is_kept_only_where_the_house_says_so_and_the_visitor_does_not_object(client, kim, queue, settings):
    settings.REFERRAL_COOKIE_DAYS = 60
    refused = asked(client, f"/r/{code_of(kim)}", **{"Sec-GPC": "1"})
    first = asked(client, f"/r/{code_of(kim)}")
    asked(client, f"/r/{code_of(kim)}")
    queue.drain()

    assert not refused.cookies
    cookie = first.cookies[follow.COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/r/", True, "Lax")
    assert list(Click.objects.order_by("pk").values_list("browser", flat=True)) == ["", cookie.value, cookie.value]


def test_salts_go_with_their_day_and_clicks_in_time(kim, queue, client):
    with time_machine.travel("2026-01-05T08:00Z", tick=False):
        asked(client, f"/r/{code_of(kim)}")
        asked(client, f"/r/{code_of(kim)}", "Mozilla/5.0 (another)")
        queue.drain()
    named, other = Click.objects.order_by("pk")
    referral = make_referral(kim, click=named)

    clicks.prune(timezone.make_aware(timezone.datetime(2026, 1, 6)))
    assert not DaySalt.objects.exists()
    assert set(Click.objects.values_list("visitor", flat=True)) == {named.visitor, other.visitor}

    clicks.prune(timezone.make_aware(timezone.datetime(2026, 5, 1)))
    assert set(Click.objects.values_list("visitor", "referrer")) == {("", "")}

    clicks.prune(timezone.make_aware(timezone.datetime(2029, 1, 1)))
    referral.refresh_from_db()
    assert (Click.objects.count(), referral.click) == (0, None)


def test_the_redirect_asks_the_database_once_in_a_few_seconds(client, kim, django_assert_num_queries):
    path = f"/r/{code_of(kim)}"
    asked(client, path)  # the day's salt is known now
    following._known.clear()

    with django_assert_num_queries(1):
        answers = [asked(client, path) for _again in range(3)]

    assert len({query(answer)["click"] for answer in answers}) == 3


def test_what_was_looked_up_is_forgotten_within_seconds(client, kim):
    path = f"/r/{code_of(kim)}"
    with time_machine.travel("2026-06-05T08:00Z", tick=False) as clock:
        asked(client, path)
        type(kim.program).objects.update(status=ProgramStatus.PAUSED)
        clock.shift(timedelta(seconds=6))
        following._known = {key: (since - 6, target) for key, (since, target) in following._known.items()}

        assert asked(client, path).status_code == 410
