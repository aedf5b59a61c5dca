from django.urls import path

from accounts.views.renewals import (
    acts,
    board,
    disagreements,
    exports,
    forecast,
    lists,
    month,
    on_account,
    panel,
    saved,
)

urlpatterns = [
    path("", lists.renewal_list, name="list"),
    path("calendar/", month.renewal_month, name="month"),
    path("board/", board.renewal_board, name="board"),
    path("forecast/", forecast.renewal_forecast, name="forecast"),
    path("disagreements/", disagreements.renewal_disagreements, name="disagreements"),
    path("export.csv", exports.renewal_export, name="export"),
    path("views/", saved.save, name="views"),
    path("views/<int:pk>/", saved.edit, name="view"),
    path("views/<int:pk>/delete/", saved.delete, name="view_delete"),
    path("account/<int:pk>/", on_account.account_renewals, name="account"),
    path("<int:pk>/", panel.renewal, name="renewal"),
    path("<int:pk>/stage/", acts.stage, name="stage"),
    *(path(f"<int:pk>/{verb}/", acts.act, {"verb": verb}, name=verb) for verb in acts.ACTS),
]
