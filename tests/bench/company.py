"""A company of any size, made of series in SQL: a hundred thousand customers take a minute or two."""

from django.db import connection

from accounts.domain.followups import refresh_expected_loss
from accounts.domain.movements import remake_movements
from accounts.domain.playbooks import install_defaults
from accounts.enums import Role
from accounts.models import (
    Account,
    Activity,
    Contact,
    FollowUp,
    Plan,
    Renewal,
    Segment,
    Subscription,
    SubscriptionChange,
    User,
)
from health.domain import marks, runs
from health.models import Action, Answer, Invoice, Ticket, UsageDay, UsageTarget
from tests.bench import database
from tests.bench.filling import ask, execute, fill
from tests.bench.measuring import said

CSMS = 28
ADMIN, MANAGER, CSM = 1, 2, 3  # ids: the same people in both companies
DAYS = 90
RICH = 7  # the account whose page is looked at has much to show
WORDS = "Northwind,Lumen,Oakridge,Vertex,Cobalt,Fernhill,Pinecrest,Quantum,Redwood,Summit,Willow,Zephyr,Acorn,Beacon"
KINDS = "Logistics,Health,Analytics,Foods,Robotics,Energy,Media,Labs,Bank,Studio,Systems,Travel,Textiles"


def found(scale: int) -> None:
    with said("the small company"), database.small():
        _found(small_scale(scale))
    with said("the company"):
        _found(scale)


def small_scale(scale: int) -> int:
    return max(60, scale // 100)


def _found(scale: int) -> None:
    install_defaults()
    _team()
    _catalogue()
    _accounts(scale)
    _people(scale)
    _usage(scale)
    _other_readings(scale)
    _subscriptions(scale)
    _follow_ups()
    _much_to_show()
    marks.note_first_readings()
    _scored_yesterday()
    settle()


def settle() -> None:
    """As it lies after a quiet night: statistics are right and dead rows are gone."""
    connection.ensure_connection()
    execute("vacuum analyze")


def _team() -> None:
    source = f"generate_series(1, {CSMS + 2}) n"
    role = f"case n when {ADMIN} then '{Role.ADMIN}' when {MANAGER} then '{Role.MANAGER}' else '{Role.CSM}' end"
    fill(
        User, source, id="n", email="'u' || n || '@bench.example'", name="'User ' || n", role=role,
        manager_id=f"case when n > {MANAGER} then {MANAGER} end", time_zone="'Europe/Bucharest'",
    )  # fmt: skip


def _catalogue() -> None:
    fill(Segment, "generate_series(1, 4) n", id="n", key="'segment-' || n", name="'Segment ' || n", position="n")
    fill(Plan, "generate_series(1, 4) n", id="n", key="'plan-' || n", name="'Plan ' || n")
    fill(Action, "generate_series(1, 12) n", id="n", key="'action-' || n", name="'Action ' || n", impact="1 + n % 5")
    execute("select setval(pg_get_serial_sequence('health_action', 'id'), 12)")
    UsageTarget.objects.update_or_create(segment=None, defaults={"points_per_seat": 20})


def _accounts(scale: int) -> None:
    name = f"(string_to_array('{WORDS}', ','))[1 + n * 7 % 14] || ' ' || (string_to_array('{KINDS}', ','))[1 + n * 11 % 13]"
    fill(
        Account, f"generate_series(1, {scale}) n", id="n", external_id="'acc-' || n", name=f"{name} || ' ' || n",
        domain="'c' || n || '.example'", segment_id="1 + n % 4", csm_id=f"{CSM} + n % {CSMS}", plan_id="1 + n % 4",
        time_zone="(array['UTC', 'Europe/Paris', 'America/New_York'])[1 + n % 3]", seats="5 + n % 20",
        mrr=f"3 * {BASE}", started_on="current_date - 760", decision_date="current_date + 10 + n * 13 % 400",
        last_contact_at="now() - n * 17 % 90 * interval '1 day'",
    )  # fmt: skip
    execute("select setval(pg_get_serial_sequence('accounts_account', 'id'), %s)", [scale])


def _people(scale: int) -> None:
    fill(
        Contact,
        f"generate_series(1, {scale}) n",
        id="n",
        account_id="n",
        email="'ana' || n || '@c.example'",
        name="'Ana ' || n",
    )
    execute("select setval(pg_get_serial_sequence('accounts_contact', 'id'), %s)", [scale])


def _usage(scale: int) -> None:
    fill(
        UsageDay, f"generate_series(1, {scale}) n, generate_series({DAYS - 1}, 0, -1) d", account_id="n",
        day="current_date - d", action_id="1 + (n + d) % 12", count="1 + (n * 7 + d * 13) % (1 + n % 9)",
    )  # fmt: skip


def _other_readings(scale: int) -> None:
    fill(
        Ticket, f"generate_series(1, {2 * scale}) n", account_id=f"1 + n % {scale}", external_id="'t-' || n",
        subject="'It does not load'", theme="'theme ' || n % 5", severity="(array['low', 'normal', 'high', 'urgent'])[1 + n % 4]",
        opened_at="now() - n * 37 % 120 * interval '1 day'",
    )  # fmt: skip
    fill(
        Answer, f"generate_series(2, {scale}, 2) n, generate_series(0, 1) k", account_id="n", contact_id="n",
        external_id="'a-' || n || '-' || k", score="(n * 7 + k) % 11", answered_at="now() - (n % 150 + k * 100) * interval '1 day'",
    )  # fmt: skip
    is_open = "m = 0 and n % 10 = 0"
    fill(
        Invoice, f"generate_series(1, {scale}) n, generate_series(0, 11) m", account_id="n", external_id="'i-' || m",
        amount="100", currency="'USD'", status=f"case when {is_open} then 'open' else 'paid' end",
        issued_on="current_date - 20 - m * 30", due_on="current_date - 5 - m * 30",
        paid_on=f"case when {is_open} then null else current_date - 6 - m * 30 end",
    )  # fmt: skip


# What one of an account's three subscriptions is worth at the end.
BASE = "(50 + n * 37 % 400)"


def _subscriptions(scale: int) -> None:
    series = f"generate_series(1, {scale}) n, generate_series(0, 2) k"
    fill(
        Subscription, series, id="3 * n + k", account_id="n", external_id="'s-' || n || '-' || k", plan_id="1 + n % 4",
        currency="'USD'", unit_amount=BASE, quantity="1", per_seat="false", started_on="current_date - 730 + n % 300",
        mrr=BASE, attention_on="case when k = 0 then current_date + 30 + n % 300 end", term_end="current_date + 30 + n % 300",
    )  # fmt: skip
    # The first of them grew, then shrank; the others began as they are.
    fill(
        SubscriptionChange, f"{series}, generate_series(0, case k when 0 then 2 else 0 end) s", subscription_id="3 * n + k",
        account_id="n", effective_on="current_date - 730 + n % 300 + s * 180", currency="'USD'", plan_id="1 + n % 4",
        mrr=f"{BASE} * (array[0.5, 2, 1])[case k when 0 then 1 + s else 3 end]",
        amount=f"{BASE} * (array[0.5, 2, 1])[case k when 0 then 1 + s else 3 end]",
    )  # fmt: skip
    execute("select setval(pg_get_serial_sequence('accounts_subscription', 'id'), %s)", [3 * scale + 3])
    # Announced and asked about already: the clock has nothing to do before they roll over.
    fill(
        Renewal, "accounts_subscription s", account_id="s.account_id", subscription_id="s.id", uid="gen_random_uuid()",
        starts_on="s.term_end - 365", ends_on="s.term_end", decision_date="s.term_end", attention_on="s.term_end",
        told_days="30", told_for="s.term_end", intent_asked_at="now()",
    )  # fmt: skip
    with connection.cursor() as cursor:
        remake_movements(cursor, [pk for (pk,) in ask("select id from accounts_account order by id")])


MOVED = """jsonb_build_object('before', 'green', 'after', 'red', 'score', 38, 'known_weight', 100, 'capped_by', '',
    'weakest', 'support', 'weakest_value', 10)"""


def _follow_ups() -> None:
    """One open for each account, due between a week ago and a month from now."""
    account = "accounts_account n"
    fill(
        Activity, account, account_id="n.id", kind="'health.band_changed'", actor_label="'Tenure'", data=MOVED,
        occurred_at="now() - n.id % 40 * interval '1 day'", dispatched_at="now()",
    )  # fmt: skip
    fill(
        FollowUp, f"{account} join accounts_activity a on a.account_id = n.id join accounts_playbook p on p.key = 'red'",
        account_id="n.id", playbook_id="p.id", kind="p.key", title="'Review ' || n.name || ': it has turned red'",
        reason="'Health: Green → Red, score 38'", instructions="p.instructions", activity_id="a.id",
        priority="1 + n.id % 4", promise="n.id % 10 = 0", assignee_id="n.csm_id", occurrences="1 + (n.id % 5 = 0)::int",
        due_at="now() + (n.id * 53 % 888 - 168) * interval '1 hour'", holds="tstzrange(now(), null)",
    )  # fmt: skip
    refresh_expected_loss()


def _much_to_show() -> None:
    account = f"(select id from accounts_account where id = {RICH}) a"
    fill(
        Activity, f"{account}, generate_series(1, 60) n", account_id="a.id", kind="(array['note.written', 'health.band_changed'])[1 + n % 2]",
        actor_label="'Tenure'", data=f"case n % 2 when 0 then jsonb_build_object('text', 'Spoke about the roadmap') else {MOVED} end",
        occurred_at="now() - n * interval '5 days'", dispatched_at="now()",
    )  # fmt: skip
    fill(
        Contact,
        f"{account}, generate_series(1, 6) n",
        account_id="a.id",
        email="'p' || n || '@c.example'",
        name="'Person ' || n",
    )
    fill(
        FollowUp, f"{account}, generate_series(1, 4) n", account_id="a.id", kind="'manual'", title="'Call about ' || n",
        reason="'Written by hand'", assignee_id=f"{CSM}", due_at="now() + n * interval '1 day'",
    )  # fmt: skip


def _scored_yesterday() -> None:
    """Everybody was scored yesterday and four weeks ago, and what followed has been dealt with."""
    runs.recompute_now()
    execute("update accounts_activity set dispatched_at = now() where dispatched_at is null")
    execute("delete from health_scoremark")
    execute("update health_score set day = day - 1")
    columns = "version_id, score, low, high, known_weight, band, capped_by, values, contributions, readings, ages"
    execute(
        f"insert into health_score (account_id, day, {columns}) select account_id, day - 28, {columns} from health_score"
    )
