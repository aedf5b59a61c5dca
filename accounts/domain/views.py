"""Saved views: a list page's filters under a name, for oneself or for the whole team."""

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError, Forbidden
from accounts.models import SavedView, User

T = TypeVar("T")
NAME_LIMIT = 60
MOST = 50  # tabs above a list: more are not found again


def views_for(user: User, page: str) -> list[SavedView]:
    """One's own, then what others share."""
    rows = list(SavedView.objects.filter(Q(user=user) | Q(shared=True), page=page))
    own = [view for view in rows if view.user_id == user.pk]
    return own + [view for view in rows if view.user_id != user.pk][:MOST]


def save_view(user: User, page: str, *, name: str, query: str, shared: bool = False) -> SavedView:
    """`query` is the canonical query string of that page's filters."""
    name = _checked(user, name, shared)
    if user.saved_views.filter(page=page).count() >= MOST:
        raise DomainError(_("You have %(most)s saved views: delete one first.") % {"most": MOST}, code="too_many")
    return _unique(lambda: SavedView.objects.create(user=user, page=page, name=name, query=query, shared=shared), name)


def change_view(view: SavedView, *, by: User, name: str, shared: bool, query: str | None = None) -> SavedView:
    _own(view, by)
    view.name, view.shared = _checked(by, name, shared), shared
    if query is not None:
        view.query = query
    _unique(lambda: view.save(update_fields=["name", "shared", "query"]), view.name)
    return view


def delete_view(view: SavedView, *, by: User) -> None:
    _own(view, by)
    view.delete()


def _checked(user: User, name: str, shared: bool) -> str:
    name = one_line(name, NAME_LIMIT, field="name")
    if not name:
        raise DomainError(_("A view needs a name."), code="name_missing", errors={"name": [_("Give the view a name.")]})
    if shared and not user.may("account.log"):
        raise Forbidden(_("You can save views for yourself, not for the team."))
    return name


def _own(view: SavedView, by: User) -> None:
    if view.user_id != by.pk:
        raise Forbidden(_("“%(name)s” is %(owner)s's view.") % {"name": view.name, "owner": view.user})


def _unique(write: Callable[[], T], name: str) -> T:
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        sentence = _("You have a view named “%(name)s” already.") % {"name": name}
        raise Conflict(sentence, code="name_taken", status=422, errors={"name": [sentence]}) from None
