"""Session types: what one may be, who takes turns, where answers lead, and the page on which it is decided."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.exceptions import Conflict, DomainError
from accounts.models import AuditEntry, User
from onboarding.domain import booking
from onboarding.domain.booking import Visitor
from onboarding.domain.questions import questions_of, route_of
from onboarding.domain.session_types import copy_type, delete_type, offer, save_type
from onboarding.domain.session_types.checks import clean_sites
from onboarding.models import PoolHost, SessionType
from tests.onboarding.factories import NOW, at, make_host, make_type

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]


@pytest.fixture
def friday(time_machine):
    time_machine.move_to(NOW, tick=False)


def a_type(**fields) -> SessionType:
    given = {
        "texts": {"en": {"name": "Kick-off"}, "xx": {"name": "no language"}}, "minutes": 60, "every": 30, "notice": 0,
        "horizon_days": 30,
    }  # fmt: skip
    return SessionType(**given | fields)


def refused(kind: SessionType, pool: dict[int, int] | None = None) -> dict[str, list]:
    with pytest.raises(DomainError) as refusal:
        save_type(kind, pool=pool or {})
    assert not SessionType.objects.filter(slug=kind.slug, pk=kind.pk).exists()
    return refusal.value.errors


def test_what_is_left_empty_is_made_and_what_is_unknown_is_left_out() -> None:
    kind = save_type(a_type(), pool={})

    assert (kind.slug, kind.texts) == ("kick-off", {"en": {"name": "Kick-off"}})
    assert list(refused(a_type())) == ["slug"]  # taken


def test_all_that_is_wrong_is_told_at_once() -> None:
    kind = a_type(
        slug="No Slug!", texts={"en": {"about": "x"}}, minutes=3, every=0, horizon_days=400, per_day=0, where="x" * 500,
        embed_hosts=["javascript:alert(1)"], questions=[{"text": {"en": {"text": ""}}}], public=True,
    )  # fmt: skip

    assert set(refused(kind)) == {
        "slug", "name_en", "minutes", "every", "horizon_days", "per_day", "where", "embed_hosts", "questions-0-text", "pool",
    }  # fmt: skip


@pytest.mark.parametrize("texts", [{}, {"en": {"name": " "}}])
def test_without_a_name_it_is_the_name_that_is_missing_and_not_the_address_made_from_it(texts) -> None:
    assert set(refused(a_type(slug="", texts=texts))) == {"name_en"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"notice": 43_200, "horizon_days": 30}, "notice"),
        ({"minutes_per_week": 30}, "minutes_per_week"),
        ({"per_day": 5, "per_week": 3}, "per_week"),
        ({"host_rule": "pool"}, "pool"),
        ({"public": True}, "pool"),
        ({"embed_hosts": ["https://www.example.com"]}, "embed_hosts"),
        ({"texts": {"en": {"name": "x" * 121}}, "slug": "x"}, "name_en"),
        ({"minutes": None}, "minutes"),
        ({"questions": [{"text": {"en": {"text": "?"}}}] * 21}, "questions"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_the_field(fields, field) -> None:
    assert list(refused(a_type(**fields))) == [field]


def test_sites_are_kept_as_browsers_compare_them() -> None:
    given = [
        "WWW.Acme.example",
        "https://www.acme.example/page?x=1",
        " http://localhost:8080 ",
        "https://*.acme.example",
        "",
    ]

    assert clean_sites(given) == ["https://www.acme.example", "http://localhost:8080", "https://*.acme.example"]
    for bad in ("*", "https://", "data:text/html", "https://a b", "https://x;y", "https://x'self'", "https://x:99999"):
        with pytest.raises(DomainError, match="is no site"):
            clean_sites([bad])


# Questions ----------------------------------------------------------------------------------------

SIZE = {
    "text": {"en": {"text": "How many?"}, "fr": {"text": "Combien ?"}}, "kind": "choice", "choices": ["few", "many"],
    "labels": {"fr": ["peu", "beaucoup"]}, "required": True,
    "routes": [{"value": "few", "target": "/book/webinar/", "text": {"en": {"text": "Join us."}}}],
}  # fmt: skip


def test_questions_are_kept_with_where_their_answers_lead(settings) -> None:
    from django.utils import translation

    make_type(slug="webinar")
    kind = save_type(
        a_type(questions=[SIZE, SIZE | {"routes": [{"value": "few", "target": "https://x.example/guide"}]}]), pool={}
    )

    first, second = questions_of(kind)
    assert [first.key, second.key] == ["how-many", "how-many-2"]
    assert route_of([first], {"how-many": "few"}).session_type == "webinar"
    assert route_of([second], {"how-many-2": "few"}).url == "https://x.example/guide"
    assert route_of([first], {"how-many": "many"}) is None
    with translation.override("fr"):
        assert (questions_of(kind)[0].text, questions_of(kind)[0].labels) == ("Combien ?", ("peu", "beaucoup"))
    kind.questions[0]["text"] = {"en": {"text": "How large?"}}
    save_type(kind, pool={})
    assert kind.questions[0]["key"] == "how-many"  # answers that were given stand under it


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "essay"}, "kind"),
        ({"choices": ["one"]}, "choices"),
        ({"choices": ["one", "one"]}, "choices"),
        ({"labels": {"fr": ["peu"]}}, "choices_fr"),
        ({"routes": [{"value": "none", "target": "webinar"}]}, "routes"),
        ({"routes": [{"value": "few", "target": "nowhere"}]}, "routes"),
        ({"routes": [{"value": "few", "target": "javascript://alert(1)"}]}, "routes"),
        ({"routes": [{"value": "few", "target": "kick-off"}]}, "routes"),
        ({"routes": [{"value": "few", "target": "webinar"}] * 2}, "routes"),
        ({"text": {"en": {"text": "x" * 301}}}, "text_en"),
    ],
)
def test_questions_nobody_could_answer_are_refused(change, field) -> None:
    make_type(slug="webinar")

    assert list(refused(a_type(questions=[SIZE | change]))) == [f"questions-0-{field}"]


# The pool and what becomes of a type ---------------------------------------------------------------


def test_who_joins_a_pool_is_taken_to_have_had_what_the_others_had() -> None:
    ana, bob, new = make_host("Ana"), make_host("Bob"), make_host("New")
    kind = save_type(a_type(host_rule="pool"), pool={ana.pk: 100, bob.pk: 100})
    PoolHost.objects.filter(user=ana).update(assigned=7)
    PoolHost.objects.filter(user=bob).update(assigned=4)

    save_type(kind, pool={ana.pk: 100, bob.pk: 50, new.pk: 100})

    rows = PoolHost.objects.order_by("user_id").values_list("user__name", "weight", "assigned", "calibration")
    assert list(rows) == [("Ana", 100, 7, 0), ("Bob", 50, 4, 0), ("New", 100, 0, 5.5)]
    gone = User.objects.create_user("gone@tenure.example", is_active=False)
    assert list(refused(a_type(slug="x"), {gone.pk: 100})) == ["pool"]
    assert list(refused(a_type(slug="x"), {ana.pk: 1001})) == ["pool"]


def test_a_copy_is_not_offered_and_what_is_booked_is_not_deleted() -> None:
    kind = make_type(make_host())
    copied = copy_type(kind)
    assert (copied.slug, copied.active, copied.hosts.count()) == ("kickoff-2", False, 1)

    booking.book(kind, at("2026-06-08T07:00"), Visitor("Ann", "ann@example.com"))
    with pytest.raises(Conflict, match="booked this already"):
        delete_type(kind)
    delete_type(copied)
    offer(kind, offered=False)
    with pytest.raises(DomainError, match="not offered any more"):
        booking.book(kind, at("2026-06-08T08:00"), Visitor("Bea", "bea@example.com"))
    kind.hosts.all().delete()
    with pytest.raises(DomainError):
        offer(kind, offered=True)  # nobody would take it


# The pages ----------------------------------------------------------------------------------------

EMPTY_SET = {"questions-TOTAL_FORMS": "1", "questions-INITIAL_FORMS": "0", "questions-0-kind": "text"}


def typed(**more) -> dict:
    return {
        "name_en": "Kick-off", "about_en": "We begin.", "slug": "", "minutes": 45, "every": 15, "before": 0, "after": 15,
        "notice": 240, "horizon_days": 30, "seats": 1, "host_rule": "csm", "where": "https://meet.example", "active": "on",
        **EMPTY_SET, **more,
    }  # fmt: skip


def test_an_admin_makes_a_type_with_questions_and_a_pool(client: Client, alice) -> None:
    ana = make_host("Ana")
    make_type(slug="webinar")
    client.force_login(alice)
    question = {
        "questions-0-text_en": "How many?", "questions-0-kind": "choice", "questions-0-choices": "few\nmany",
        "questions-0-routes": "few = webinar", "questions-0-route_text_en": "Join us.", "questions-0-required": "on",
    }  # fmt: skip

    new = client.get("/settings/session-types/add/")
    saved = client.post(
        "/settings/session-types/add/",
        typed(**question, public="on", embed_hosts="www.acme.example", **{f"weight_{ana.pk}": "100"}),
    )
    page = client.get(saved["Location"])

    assert (new.status_code, saved.status_code) == (200, 302)
    kind = SessionType.objects.get(slug="kick-off")
    assert (kind.minutes, kind.embed_hosts, kind.questions[0]["routes"]) == (
        45, ["https://www.acme.example"], [{"value": "few", "to": "webinar", "slug": "webinar", "text": {"en": {"text": "Join us."}}}],
    )  # fmt: skip
    assert "few = webinar" in page.text
    assert "/book/kick-off/" in page.text
    assert "&lt;iframe src=" in page.text
    assert "Jun 5, 2026, 12:00" in page.text  # the next free one, after notice, in Alice's zone
    assert AuditEntry.objects.get(kind="onboarding.sessiontype", user=alice).after["minutes"] == 45


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(client: Client, alice) -> None:
    client.force_login(alice)

    answer = client.post(
        "/settings/session-types/add/",
        typed(
            minutes=3,
            public="on",
            **{"questions-0-text_en": "Where?", "questions-0-kind": "choice", "questions-0-choices": "only one"},
        ),
    )

    assert answer.status_code == 422
    for text in ("A whole number from 5 to 480.", "choose who takes those", "Two to 30 answers", "Where?", "only one"):
        assert text in answer.text
    assert not SessionType.objects.exists()


def test_what_cannot_be_read_and_what_breaks_a_rule_are_told_at_once_each_field_once(client: Client, alice) -> None:
    client.force_login(alice)

    answer = client.post(
        "/settings/session-types/add/",
        typed(
            minutes="abc",
            notice=999_999,
            name_en="x" * 121,
            public="on",
            **{
                f"weight_{alice.pk}": "5000", "questions-0-text_en": "Where?", "questions-0-text_fr": "x" * 301,
                "questions-0-kind": "choice", "questions-0-choices": "only one",
            },
        ),
    )  # fmt: skip

    form, question = answer.context["form"], answer.context["questions"].forms[0]
    assert answer.status_code == 422
    assert {name: len(told) for name, told in form.errors.items()} == {
        "minutes": 1, "notice": 1, "name_en": 1, f"weight_{alice.pk}": 1,
    }  # fmt: skip
    assert set(question.errors) == {"text_fr", "choices"}
    assert not SessionType.objects.exists()


def test_the_preview_follows_what_is_typed(client: Client, alice) -> None:
    make_host()
    client.force_login(alice)
    url = "/settings/session-types/preview/"

    soon, late = client.post(url, typed(notice=0)), client.post(url, typed(notice=4320))
    nothing, bad = client.post(url, typed(minutes=480)), client.post(url, typed(horizon_days=1_000_000, every=0))

    assert "Jun 5, 2026, 8:00" in soon.text
    assert "Jun 8, 2026, 8:00" in late.text
    assert "Nothing is free within 60 days" in nothing.text
    assert "does not make a session type yet" in bad.text


@pytest.mark.parametrize(
    "bad", [{"questions-TOTAL_FORMS": "x"}, {"minutes": "9" * 400}, {"slug": "\0"}, {"name_en": "x" * 10_000}]
)
def test_whatever_is_sent_is_answered(client: Client, alice, bad) -> None:
    client.force_login(alice)

    for url in ("/settings/session-types/add/", "/settings/session-types/preview/"):
        assert client.post(url, typed(**bad)).status_code in {200, 422}
    assert not SessionType.objects.exists()


def test_the_list_asks_no_more_for_many_and_shows_where_to_book(client: Client, alice) -> None:
    client.force_login(alice)
    empty = client.get("/settings/session-types/")
    counts = []
    for some in (range(1), range(1, 8)):
        for n in some:
            make_type(make_host(f"H{n}"), slug=f"t{n}", texts={"en": {"name": f"<i>{n}</i>"}})
        with CaptureQueriesContext(connection) as seen:
            page = client.get("/settings/session-types/")
        counts.append(len(seen))

    assert "Nothing can be booked yet" in empty.text
    assert counts[0] == counts[1]
    assert "&lt;i&gt;7&lt;/i&gt;" in page.text
    assert "/book/t7/" in page.text
