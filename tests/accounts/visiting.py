"""A customers' page to visit, at an address of its own."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils import timezone, translation

from accounts.exceptions import Conflict
from accounts.registry import LinkPurpose, link_purposes
from accounts.visitors import visitor

TRYOUT = LinkPurpose("tryout", "Trying out", "tryout", days=30)
OTHER = LinkPurpose("other", "Something else", "tryout-other")
FOREVER = LinkPurpose("forever", "For good", "tryout-forever", for_leavers=True)
link_purposes.add(TRYOUT, OTHER, FOREVER)


@visitor("tryout")
def page(request, link):
    if request.method == "POST":
        raise Conflict("Somebody was faster.")
    if "form" in request.GET:
        return render(request, "visitor_base.html")
    return HttpResponse(
        f"{link.contact.name} {link.subject} {translation.get_language()} {timezone.get_current_timezone_name()}"
    )


@visitor("other")
def other(request, link):
    return HttpResponse("other")


urlpatterns = [
    path("try/<str:token>/", page, name="tryout"),
    path("other/<str:token>/", other, name="tryout-other"),
    path("forever/<str:token>/", other, name="tryout-forever"),
    path("", include("config.urls")),
]
