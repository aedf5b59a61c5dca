from django.urls import path

from accounts.views.queue import actions, new, page, panel, saved, team

urlpatterns = [
    path("", page.queue, name="queue"),
    path("queue/news/", page.news, name="queue-news"),
    path("queue/team/", team.team, name="queue-team"),
    path("queue/views/", saved.save, name="queue-views"),
    path("queue/views/<int:pk>/", saved.edit, name="queue-view"),
    path("queue/views/<int:pk>/delete/", saved.delete, name="queue-view-delete"),
    path("follow-ups/new/", new.new, name="follow-up-new"),
    path("follow-ups/new/accounts/", new.accounts, name="follow-up-accounts"),
    path("follow-ups/undo/", actions.undo, name="follow-ups-undo"),
    path("follow-ups/<int:pk>/", panel.follow_up, name="follow-up"),
    path("follow-ups/<int:pk>/steps/", panel.steps, name="follow-up-steps"),
    path("follow-ups/<int:pk>/wake/", panel.wake, name="follow-up-wake"),
    path("follow-ups/<int:pk>/call/", actions.call, name="follow-up-call"),
]
# Each verb for one follow-up, and for those chosen on the list.
for verb in actions.ACTIONS:
    urlpatterns += [
        path(f"follow-ups/<int:pk>/{verb}/", actions.act, {"verb": verb}, name=f"follow-up-{verb}"),
        path(f"follow-ups/{verb}/", actions.act_many, {"verb": verb}, name=f"follow-ups-{verb}"),
    ]
