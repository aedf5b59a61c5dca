from django.urls import path

from referrals.views import (
    apply,
    behind,
    follow,
    incentives,
    overview,
    panel,
    partners,
    payouts,
    program_parts,
    programs,
    reports,
    review,
)
from referrals.views.portal import page

# A partner's page and its parts, at both of its addresses.
PARTS = {"": "page", "terms/": "terms", "accept/": "accept", "qr.svg": "qr", "invite/": "invite", "shared/": "shared",
         "payout/": "payout"}  # fmt: skip

urlpatterns = [
    # Anybody's.
    path("r/<str:code>", follow.follow, name="follow"),
    path("r/<str:code>/", follow.follow),
    path("r/picture/<int:pk>/", program_parts.picture, name="picture"),
    path("programs/<slug:slug>/apply/", apply.apply, name="apply"),
    path("programs/<slug:slug>/applied/", apply.applied, name="applied"),
    path("u/<str:token>/mails/", apply.stop, name="stop"),
    # A partner's, by personal link; a contact's, within the customer's portal.
    *(
        path(f"p/<str:token>/{p}", getattr(page, f"partner_{name}"), name=f"partner_{name}")
        for p, name in PARTS.items()
    ),
    *(
        path(f"c/<str:token>/refer/<slug:slug>/{part}", getattr(page, f"contact_{name}"), name=f"contact_{name}")
        for part, name in PARTS.items()
    ),
    # The team's.
    path("referrals/", overview.overview, name="overview"),
    path("referrals/partners/", partners.partner_list, name="partners"),
    path("referrals/partners/export/", partners.partner_export, name="partner_export"),
    path("referrals/partners/<int:pk>/", partners.partner, name="partner"),
    path("referrals/partners/<int:pk>/ledger/", partners.ledger_export, name="ledger_export"),
    path("referrals/partners/<int:pk>/approve/", partners.approve, name="approve"),
    path("referrals/partners/<int:pk>/refuse/", partners.refuse, name="refuse"),
    path("referrals/partners/<int:pk>/pause/", partners.pause, name="pause"),
    path("referrals/partners/<int:pk>/resume/", partners.resume, name="resume"),
    path("referrals/partners/<int:pk>/adjust/", partners.adjust, name="adjust"),
    path("referrals/partners/<int:pk>/page/", partners.send_page, name="send_page"),
    path("referrals/partners/<int:pk>/codes/", partners.code_add, name="code_add"),
    path("referrals/partners/<int:pk>/codes/<int:code>/", partners.code_switch, name="code_switch"),
    path("referrals/behind/", behind.behind, name="behind"),
    path("referrals/compared/", behind.compared, name="compared"),
    path("referrals/review/", review.review, name="review"),
    path("referrals/review/decide/", review.decide, name="decide"),
    path("referrals/incentives/", incentives.incentive_list, name="incentives"),
    path("referrals/incentives/export/", incentives.incentive_export, name="incentive_export"),
    path("referrals/incentives/mark/", incentives.incentive_mark, name="incentive_mark"),
    path("referrals/payouts/", payouts.payout_list, name="payouts"),
    path("referrals/payouts/new/<int:pk>/", payouts.batch_new, name="batch_new"),
    path("referrals/payouts/<int:pk>/", payouts.batch, name="batch"),
    path("referrals/payouts/<int:pk>/export/", payouts.batch_export, name="batch_export"),
    path("referrals/payouts/<int:pk>/mark/", payouts.batch_mark, name="batch_mark"),
    path("referrals/payouts/<int:pk>/settle/", payouts.batch_settle, name="batch_settle"),
    path("referrals/reports/", reports.reports, name="reports"),
    path("referrals/reports/export/", reports.report_export, name="report_export"),
    path("accounts/<int:pk>/referrals/", panel.panel, name="panel"),
    path("accounts/<int:pk>/referrals/ask/", panel.ask, name="ask"),
    # Settings.
    path("settings/programs/", programs.program_list, name="programs"),
    path("settings/programs/new/", programs.program_add, name="program_add"),
    path("settings/programs/example/", programs.program_example, name="program_example"),
    path("settings/programs/<int:pk>/", programs.program_edit, name="program"),
    path("settings/programs/<int:pk>/delete/", programs.program_delete, name="program_delete"),
    path("settings/programs/<int:pk>/terms/", program_parts.terms, name="program_terms"),
    path("settings/programs/<int:pk>/terms/<int:number>/", program_parts.terms_version, name="program_terms_version"),
    path("settings/programs/<int:pk>/material/", program_parts.material_list, name="program_material"),
    path("settings/programs/<int:pk>/material/new/", program_parts.material_add, name="material_add"),
    path("settings/programs/material/<int:pk>/", program_parts.material_edit, name="material"),
    path("settings/programs/material/<int:pk>/delete/", program_parts.material_delete, name="material_delete"),
    path("settings/programs/<int:pk>/questions/", program_parts.questions, name="program_questions"),
    *(
        path(f"settings/programs/<int:pk>/{verb}/", programs.program_act, {"verb": verb}, name=f"program_{verb}")
        for verb in programs.ACTIONS
    ),
]
