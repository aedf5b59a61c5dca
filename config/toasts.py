"""Short messages to the person, carried to the page in the HX-Trigger header as a `toast` event."""

import json
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponseBase

HEADER = "HX-Trigger"


def toast(response: HttpResponseBase, level: str, text: str) -> None:
    """Adds one to those already on the response, beside whatever events the view sends itself."""
    events = sent_events(response)
    events["toast"] = [*events.get("toast", []), {"level": level, "text": text}]
    response[HEADER] = json.dumps(events)


def sent_events(response: HttpResponseBase) -> dict[str, Any]:
    """htmx allows names separated by commas, or an object of names with details."""
    header = response.headers.get(HEADER, "").strip()
    if header.startswith("{"):
        return json.loads(header)
    return {name.strip(): None for name in header.split(",") if name.strip()}


def toast_messages(request: HttpRequest, response: HttpResponseBase) -> None:
    """Django's messages, unless a template has shown them already."""
    storage = get_messages(request)
    if getattr(storage, "used", True):
        return
    for message in storage:
        toast(response, message.level_tag, str(message))
