from django.urls import path

from accounts.api import mail_events, metrics, paths, renewal_views, views, webhooks

ACCOUNT = "accounts/<external:external_id>"

urlpatterns = [
    path("accounts", views.AccountList.as_view()),
    path(ACCOUNT, views.AccountDetail.as_view()),
    path(f"{ACCOUNT}/contacts/<external:email>", views.ContactDetail.as_view()),
    path(f"{ACCOUNT}/subscriptions/<external:subscription_id>", views.SubscriptionDetail.as_view()),
    path("mail-events", mail_events.MailEvents.as_view()),
    path("follow-ups", views.FollowUpList.as_view()),
    path("follow-ups/<int:pk>", views.FollowUpDetail.as_view()),
    path("metrics/mrr", metrics.Mrr.as_view()),
    path("metrics/retention", metrics.Retention.as_view()),
    path("metrics/ltv", metrics.Ltv.as_view()),
    path("renewals", renewal_views.RenewalList.as_view()),
    path("renewals/<int:pk>", renewal_views.RenewalDetail.as_view()),
    path("webhooks", webhooks.WebhookList.as_view()),
    path("webhooks/<int:pk>", webhooks.WebhookDetail.as_view()),
    path("webhooks/<int:pk>/secret", webhooks.WebhookSecret.as_view()),
    path("webhooks/<int:pk>/test", webhooks.WebhookTest.as_view()),
    path("webhooks/<int:pk>/deliveries", webhooks.Deliveries.as_view()),
    path("webhooks/<int:pk>/deliveries/<int:delivery>/again", webhooks.DeliveryAgain.as_view()),
    path("webhook-events", webhooks.WebhookEvents.as_view()),
]

__all__ = ["paths", "urlpatterns"]  # the converter is registered by being imported
