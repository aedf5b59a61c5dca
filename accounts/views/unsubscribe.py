"""No more questions, please: one click in the mail program, or a button on the page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from accounts.domain.optouts import opt_in, opt_out
from accounts.models import ContactLink, OptOut
from accounts.visitors import visitor


# Mail programs post here by themselves (RFC 8058): they have seen no page and carry no token of a form. Nobody else can
# make them: the address itself is the secret.
@csrf_exempt
@visitor("unsubscribe")
def unsubscribe(request: HttpRequest, link: ContactLink) -> HttpResponse:
    """GET asks, POST acts, again and again to the same end."""
    contact = link.contact
    if request.method == "POST" and "again" in request.POST:
        opt_in(contact.email, contact=contact)
    elif request.method == "POST":
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        opt_out(contact.email, how="one-click" if one_click else "page", contact=contact)
    out = OptOut.objects.filter(address=contact.email.lower()).exists()
    context = {"address": contact.email, "out": out, "posted": request.method == "POST"}
    return render(request, "visitors/unsubscribe.html", context)
