from django.urls import path

from accounts.views.numbers import behind, board, churn, effects, mrr, retention, winning, worth

urlpatterns = [
    path("", board.board, name="board"),
    path("mrr/", mrr.mrr, name="mrr"),
    path("retention/", retention.retention, name="retention"),
    path("churn/", churn.churn, name="churn"),
    path("worth/", worth.worth, name="worth"),
    path("worth/what-if/", worth.what_if, name="what_if"),
    path("winning/", winning.winning, name="winning"),
    path("effects/", effects.effects, name="effects"),
    path("accounts/", behind.behind, name="behind"),
]
