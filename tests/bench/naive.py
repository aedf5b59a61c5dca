"""The queue as one writes it first: model instances and a Django template that is walked through for every row.
The yardstick of the page we have.

It is a strict one. Its template has the tags that all of ours have, and with them what makes them quick (addresses, texts
and badges that are looked up once); it leaves out headings, counts, the mark and why a row stands at its place; and its
rows are those of one index. With {% url %} and {% translate %} of Django's own it takes a tenth longer.
"""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from accounts.models import FollowUp
from config import urls

ADDRESS = "/bench/queue/"
TEMPLATE = """<ol class="queue-rows">{% for f in rows %}<li class="fu" id="f{{ f.id }}" data-row>
<input class="fu-check" type="checkbox" name="id" value="{{ f.id }}" form="bulk" aria-labelledby="t{{ f.id }}">
<div class="fu-what"><a class="fu-title" id="t{{ f.id }}" href="{% url 'follow-up' f.id %}">{{ f.get_priority_display }} {{ f.title }}</a>{% if f.occurrences > 1 %}<span class="count">×{{ f.occurrences }}</span>{% endif %}<p class="fu-reason">{{ f.reason }}</p></div>
<div class="fu-whom"><a class="fu-account" href="{% url 'accounts:detail' f.account_id %}">{{ f.account.name }}</a><p>{% band f.account.band %}<span>{% money f.account.mrr "USD" as amount %}{% blocktranslate %}{{ amount }} MRR{% endblocktranslate %}</span></p></div>
<div class="fu-when">{% due f.due_at %}<p>{% if f.promise %}{% translate "Promise broken" %}{% else %}{% money f.expected_loss "USD" %} {{ f.account.get_band_display }}{% endif %}</p></div>
<div class="fu-who" title="{{ f.assignee.name }}">{% avatar f.assignee.name %}<span class="visually-hidden">{{ f.assignee.name }}</span></div>
</li>{% endfor %}</ol>"""


@lru_cache
def _template() -> Any:
    return engines["django"].from_string(TEMPLATE)


def queue(request: HttpRequest) -> HttpResponse:
    rows = (
        FollowUp.objects.workable().select_related("account", "assignee", "activity").order_by("-expected_loss", "id")
    )
    return HttpResponse(_template().render({"rows": rows[:50]}, request))


urls.urlpatterns[:0] = [path(ADDRESS[1:], queue)]
