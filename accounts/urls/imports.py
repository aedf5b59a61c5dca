from django.urls import path

from accounts.views import imports

urlpatterns: list = [
    path("", imports.run_list, name="list"),
    path("<int:pk>/", imports.run_page, name="run"),
    path("<int:pk>/kind/", imports.run_kind, name="kind"),
    path("<int:pk>/columns/", imports.run_columns, name="columns"),
    path("<int:pk>/example/<slug:name>/", imports.example, name="example"),
    path("<int:pk>/start/", imports.run_start, name="start"),
    path("<int:pk>/cancel/", imports.run_cancel, name="cancel"),
    path("<int:pk>/progress/", imports.run_progress, name="progress"),
    path("<int:pk>/refused.csv", imports.refused, name="refused"),
    path("saved/<int:pk>/forget/", imports.forget, name="forget"),
]
