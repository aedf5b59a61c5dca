from collections.abc import Callable

import numpy as np
from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from config.demo import book, life, mails, onboarding, readings, referrals, sessions, surveys, templates
from config.demo.past import invent_past
from config.demo.plans import hand_out_portals
from config.demo.renewals import tell_renewals
from config.demo.spending import spend
from config.demo.story import invent
from config.demo.team import hire

Say = Callable[[str], object]


@transaction.atomic
def seed(count: int, *, number: int, days: int, say: Say) -> None:
    """The whole company, all or nothing: half of one would never be seeded again."""
    rng, today = np.random.default_rng(number), timezone.now().date()
    people = hire()
    csms = [user for user in people.values() if user.role == Role.CSM]
    actions = book.set_rules()
    say(f"{count} customers …")
    customers = invent(count, rng, today, days, len(csms))
    papers = book.welcome(customers, csms, rng, today)
    past = np.random.default_rng([number, 8])
    gone = invent_past(customers, past, today, days, len(csms))
    papers += book.welcome(gone, csms, past, today)
    say("Two years of what they did, asked and paid …" if days >= 700 else "What they did, asked and paid …")
    readings.tell_usage(customers, actions, rng, today, days)
    readings.usage_received(today, days)
    book.sign(papers)
    readings.tell_tickets(customers, rng, today, days)
    readings.tell_invoices(customers, rng, today, days)
    readings.tell_invoices(gone, past, today, days)
    readings.tell_answers(customers, rng, today, days)
    say("How they stood on past days, and what was done about it …")
    life.remember(today, days)
    life.talk(customers, csms, rng, timezone.now())
    sessions.tell_sessions(customers, people, csms, np.random.default_rng([number, 4]), timezone.now())
    templates.prepare(people, today)
    onboarding.bring_along(customers, csms, rng, timezone.now())
    templates.go_on(people)
    referrals.bring_partners(customers, people, np.random.default_rng([number, 6]), timezone.now(), days)
    tell_renewals(customers, csms, rng, today)
    surveys.ask(customers, people["admin"], rng, timezone.now(), days)
    life.replay(today)
    life.work_off(rng)
    life.reopen()
    hand_out_portals()
    mails.post()
    life.wake_up()
    mails.settle()
    spend(count, rng, today)
    mails.post_boards()
