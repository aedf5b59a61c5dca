"""The numbers of the rules, a page for each group."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods

from accounts.domain import rules
from accounts.domain.rules import listing
from accounts.exceptions import Conflict, DomainError
from accounts.http import Request, requires
from accounts.registry import Rule, RuleGroup, rule_groups, rules as registered


@requires("settings.view")
@require_http_methods(["GET", "POST"])
def rule_list(request: Request, key: str = "") -> HttpResponse:
    """One group; without a name the first. Who may only look sees the values."""
    group = _group(key)
    if request.method == "POST" and request.user.may("rule.manage"):
        return _reset(request, group) if "reset" in request.POST else _save(request, group)
    return _page(request, group)


def _group(key: str) -> RuleGroup:
    if not key:
        return _groups()[0]
    if key not in rule_groups:
        raise Http404
    return rule_groups[key]


def _groups() -> list[RuleGroup]:
    return [group for group in rule_groups.sorted() if listing.of_group(group)]


def _save(request: Request, group: RuleGroup) -> HttpResponse:
    """Only what was changed on this page: a rule that somebody else has changed meanwhile is left as it is now."""
    typed: dict[str, str] = {}
    seen: dict[str, Any] = {}
    for rule in listing.of_group(group):
        given, was = request.POST.get(rule.key), request.POST.get(f"seen-{rule.key}", "")
        if given is not None and given.strip() != was:
            typed[rule.key] = given
            seen |= _as_seen(rule, was)
    try:
        new = rules.change(typed, seen=seen)
    except Conflict as error:
        messages.error(request, str(error))
        return _page(request, group, status=error.status)
    except DomainError as error:
        return _page(request, group, typed=typed, errors=error.errors, status=error.status)
    if new:
        sentence = ngettext("%(n)s rule is changed.", "%(n)s rules are changed.", len(new)) % {"n": len(new)}
        messages.success(request, sentence)
    return redirect("settings:rules", group.key)


def _as_seen(rule: Rule, was: str) -> dict[str, Any]:
    try:
        return {rule.key: rules.read(rule, was)}
    except DomainError:  # not a form of ours
        return {}


def _reset(request: Request, group: RuleGroup) -> HttpResponse:
    key = request.POST["reset"]
    if key not in registered or registered[key].group != group.key:
        raise Http404
    try:
        rules.reset(key)
    except DomainError as error:
        return _page(request, group, errors=error.errors, status=error.status)
    messages.success(request, _("“%(name)s” is as it came.") % {"name": registered[key].title})
    return redirect("settings:rules", group.key)


def _page(
    request: Request,
    group: RuleGroup,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, list[Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    changed = listing.changed_by_group()
    context = {
        "group": group,
        "groups": [(one, changed.get(one.key, 0)) for one in _groups()],
        "rows": listing.shown(group, typed, errors),
        "has_errors": bool(errors),
    }
    return render(request, "accounts/settings/rules.html", context, status=status)
