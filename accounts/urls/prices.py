"""Settings of what customers pay; a part of the settings' own addresses."""

from django.urls import path

from accounts.views.settings import costs, plans, rates

urlpatterns: list = [
    path("plans/", plans.plan_list, name="plans"),
    path("plans/add/", plans.plan_add, name="plan_add"),
    path("plans/<int:pk>/", plans.plan_edit, name="plan"),
    path("plans/<int:pk>/versions/add/", plans.version_add, name="plan_version_add"),
    path("plans/versions/<int:pk>/", plans.version_edit, name="plan_version"),
    path("plans/versions/<int:pk>/migrate/", plans.version_migrate, name="plan_migrate"),
    path("rates/", rates.rate_list, name="rates"),
    path("costs/", costs.cost_list, name="costs"),
    path("costs/<int:pk>/", costs.cost, name="cost"),
    path("costs/<int:pk>/delete/", costs.cost_delete, name="cost_delete"),
]
urlpatterns += [
    path(f"plans/versions/<int:pk>/{verb}/", plans.version_act, {"verb": verb}, name=f"plan_version_{verb}")
    for verb in plans.ACTIONS
]
