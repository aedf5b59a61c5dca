from django.urls import path

from accounts.views import outbox
from accounts.views.customers import (
    account,
    assign,
    editing,
    exports,
    lists,
    log,
    personal,
    portal_links,
    saved,
    subscription,
    timelines,
)

urlpatterns = [
    path("", lists.account_list, name="list"),
    path("totals/", lists.account_totals, name="totals"),
    path("search/", lists.account_search, name="search"),
    path("export.csv", exports.account_export, name="export"),
    path("assign/", assign.account_assign, name="assign"),
    path("views/", saved.save, name="views"),
    path("views/<int:pk>/", saved.edit, name="view"),
    path("views/<int:pk>/delete/", saved.delete, name="view_delete"),
    path("new/", editing.account_add, name="add"),
    path("<int:pk>/", account.account_detail, name="detail"),
    path("<int:pk>/edit/", editing.account_edit, name="edit"),
    path("<int:pk>/subscription/", subscription.account_subscription, name="subscription"),
    path("<int:pk>/contacts/", account.account_contacts, name="contacts"),
    path("<int:pk>/contacts/new/", editing.contact_add, name="contact_add"),
    path("<int:pk>/contacts/<int:contact>/", editing.contact_edit, name="contact"),
    path("<int:pk>/contacts/<int:contact>/data.json", personal.export, name="contact_data"),
    path("<int:pk>/contacts/<int:contact>/erase/", personal.erase, name="contact_erase"),
    path("<int:pk>/contacts/<int:contact>/portal/", portal_links.portal_link, name="portal_link"),
    path("<int:pk>/calls/new/", log.call_add, name="call_add"),
    path("<int:pk>/notes/new/", log.note_add, name="note_add"),
    path("<int:pk>/timeline/", timelines.account_timeline, name="timeline"),
    path("<int:pk>/timeline/<int:activity>/", timelines.account_activity, name="activity"),
    path("<int:pk>/mails/", outbox.of_account, name="mails"),
    path("<int:pk>/tab/<slug:tab>/", account.account_tab, name="tab"),
]
