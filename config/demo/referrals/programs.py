"""The two programs of the demo company: friends, and affiliates."""

from datetime import datetime

from accounts.models import User
from config.demo.referrals.bringing import CHANNELS, LEAK_SALES
from referrals.domain.programs import open_program, save_program
from referrals.domain.terms import publish_terms
from referrals.enums import (
    Channel,
    IncentiveKind,
    MaterialKind,
    ProgramKind,
)
from referrals.models import (
    Material,
    Program,
)

LANDING = "https://www.tenure.example/welcome"


def friends_program(since: datetime, admin: User) -> Program:
    program = save_program(
        Program(
            slug="friends", name="Tenure friends", currency="USD", kind=ProgramKind.CUSTOMER, rate=10, months=12,
            referrer_gets=IncentiveKind.CREDIT, referrer_amount=10_000, friend_gets=IncentiveKind.PERCENT, friend_percent=20,
            friend_months=3, min_payout=5_000, landing_urls=[LANDING], channels=[c.value for c in CHANNELS],
            texts={
                "en": {"headline": "Recommend us, and both of you get something", "about": "Who comes by your link pays a fifth less for three months. You get a tenth of what they pay in their first year, and a credit."},
                "fr": {"headline": "Recommandez-nous, vous y gagnez tous les deux", "about": "Qui vient par votre lien paie un cinquième de moins pendant trois mois. Vous recevez un dixième de ses paiements de la première année, et un avoir."},
                "ro": {"headline": "Recomandați-ne și câștigați amândoi", "about": "Cine vine prin linkul dumneavoastră plătește cu o cincime mai puțin trei luni. Primiți o zecime din plățile din primul an și un credit."},
            },
        )
    )  # fmt: skip
    return _opened(program, since, admin)


def affiliate_program(since: datetime, admin: User) -> Program:
    program = save_program(
        Program(
            slug="partners", name="Tenure partners", currency="USD", kind=ProgramKind.AFFILIATE, rate=15, months=12,
            tiers=[{"up_to": 5, "rate": "15"}, {"up_to": 20, "rate": "20"}, {"up_to": None, "rate": "25"}],
            open_to_apply=True, cap_customer=500_000, landing_urls=[LANDING, f"{LANDING}/teams"], min_payout=10_000,
            needs_onboarding=False, leak_sales=LEAK_SALES, channels=[c.value for c in CHANNELS],
            questions=[{"key": "audience", "text": {"en": "Whom do you reach?", "fr": "Qui touchez-vous ?", "ro": "La cine ajungeți?"}, "kind": "text", "choices": [], "required": True}],
            texts={
                "en": {"headline": "Earn with what you recommend", "about": "15 to 25 % of what your customers pay in their first year, paid every month."},
                "fr": {"headline": "Gagnez avec ce que vous recommandez", "about": "15 à 25 % des paiements de vos clients pendant un an, versés chaque mois."},
                "ro": {"headline": "Câștigați din ce recomandați", "about": "15–25 % din plățile clienților în primul an, plătite lunar."},
            },
        )
    )  # fmt: skip
    return _opened(program, since, admin)


def _opened(program: Program, since: datetime, admin: User) -> Program:
    text = "1. Tell the truth about the product.\n2. Do not advertise with our name.\n3. Commissions become available 30 days after the payment."
    publish_terms(program, {"en": text}, since.date(), by=admin)
    open_program(program, by=admin)
    Program.objects.filter(pk=program.pk).update(created_at=since)
    _material(program)
    return program


def _material(program: Program) -> None:
    bodies = {
        "en": "We have worked with Tenure for a year. If you want to know how we use it, ask me. {link}",
        "fr": "Nous travaillons avec Tenure depuis un an. Si vous voulez savoir comment, demandez-moi. {link}",
        "ro": "Lucrăm cu Tenure de un an. Dacă vreți să știți cum, întrebați-mă. {link}",
    }
    rows = [
        Material(program=program, kind=MaterialKind.TEXT, channel=channel, language=language, title=title, body=body, position=position)
        for position, (channel, title) in enumerate([(Channel.MAIL, "A short mail"), (Channel.SOCIAL, "A post")])
        for language, body in bodies.items()
    ]  # fmt: skip
    rows.append(
        Material(
            program=program, kind=MaterialKind.LINK, channel=Channel.LINK, title="Start page", url=LANDING, position=9
        )
    )
    Material.objects.bulk_create(rows)
