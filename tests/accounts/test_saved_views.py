"""Saved views: the verbs, and the queue's own."""

import pytest

from accounts.domain.views import change_view, delete_view, save_view, views_for
from accounts.exceptions import DomainError, Forbidden
from accounts.models import SavedView
from tests.accounts.queue import htmx, post, words

pytestmark = pytest.mark.django_db


def names(user, page="queue"):
    return [view.name for view in views_for(user, page)]


def test_own_views_first_then_what_others_share(chloe, cyril):
    save_view(chloe, "queue", name="Red", query="band=red")
    save_view(cyril, "queue", name="Big", query="", shared=True)
    save_view(cyril, "queue", name="Private", query="")
    save_view(chloe, "accounts", name="Elsewhere", query="")

    assert names(chloe) == ["Red", "Big"]
    assert names(cyril) == ["Big", "Private"]
    assert names(chloe, "accounts") == ["Elsewhere"]


def test_a_name_is_taken_once(chloe, cyril):
    save_view(chloe, "queue", name="Red", query="")
    save_view(cyril, "queue", name="Red", query="")
    with pytest.raises(DomainError, match="You have a view named “Red” already"):
        save_view(chloe, "queue", name=" Red ", query="")
    assert SavedView.objects.count() == 2


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_name_is_needed_and_short(chloe, name):
    with pytest.raises(DomainError):
        save_view(chloe, "queue", name=name, query="")


def test_there_is_a_limit(chloe):
    SavedView.objects.bulk_create(SavedView(user=chloe, page="queue", name=str(n)) for n in range(50))
    with pytest.raises(DomainError, match="You have 50 saved views"):
        save_view(chloe, "queue", name="One more", query="")


def test_viewers_keep_views_for_themselves(vera):
    save_view(vera, "queue", name="Mine", query="")
    with pytest.raises(Forbidden):
        save_view(vera, "queue", name="Ours", query="", shared=True)


def test_only_the_owner_changes_a_view(chloe, cyril):
    view = save_view(chloe, "queue", name="Red", query="band=red", shared=True)
    with pytest.raises(Forbidden, match="“Red” is Chloe's view"):
        change_view(view, by=cyril, name="Blue", shared=True)
    with pytest.raises(Forbidden):
        delete_view(view, by=cyril)
    change_view(view, by=chloe, name="Blue", shared=False)
    view.refresh_from_db()
    assert (view.name, view.shared, view.query) == ("Blue", False, "band=red")


# On the queue ---------------------------------------------------------------------------------------


@pytest.fixture
def browser(signed_in, chloe):
    return signed_in(chloe)


def test_the_filters_that_are_on_get_a_name(browser, chloe):
    response = browser.post("/queue/views/", {"name": "Red", "query": "band=red&who=mine&nonsense=1&kind=nope"})

    assert response.url == "/?band=red"
    assert list(SavedView.objects.values_list("user", "page", "name", "query", "shared")) == [
        (chloe.pk, "queue", "Red", "who=mine&band=red", False)
    ]
    html = browser.get("/?band=red").content.decode()
    assert '<a class="view" href="/?band=red" aria-current="page">Red' in html


def test_with_htmx_the_form_knows_the_filters_of_the_page(browser):
    response = browser.get("/queue/views/", headers=htmx("act", "http://testserver/?band=red&q=a%26b"))

    assert 'name="query" value="band=red&amp;q=a%26b"' in response.content.decode()


def test_a_shared_view_means_the_same_for_everybody(browser, signed_in, marc):
    browser.post("/queue/views/", {"name": "Red", "query": "band=red", "shared": "on"})

    assert 'href="/?who=mine&amp;band=red">Red' in signed_in(marc).get("/").content.decode()


@pytest.mark.parametrize(("data", "sentence"), [({}, "Give the view a name."), ({"name": "Red"}, "a view named “Red”")])
def test_a_bad_name_comes_back(browser, chloe, data, sentence):
    save_view(chloe, "queue", name="Red", query="")
    response = post(browser, "/queue/views/", data | {"query": "band=green"}, page="/?band=green")

    assert response.status_code == 422
    assert sentence in words(response)
    assert 'value="band=green"' in response.content.decode()


def test_renaming_sharing_deleting(browser, chloe):
    view = save_view(chloe, "queue", name="Red", query="who=mine&band=red")
    browser.post(f"/queue/views/{view.pk}/", {"name": "Reds", "shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.shared, view.query) == ("Reds", True, "who=mine&band=red")

    assert browser.get(f"/queue/views/{view.pk}/delete/").status_code == 405
    assert browser.post(f"/queue/views/{view.pk}/delete/").url == "/"
    assert SavedView.objects.count() == 0


def test_enter_in_the_name_saves_and_does_not_delete(browser, chloe):
    view = save_view(chloe, "queue", name="Red", query="band=red")
    form = browser.get(f"/queue/views/{view.pk}/").content.decode().split('id="act-form"')[1]

    assert 0 < form.index(">Save</button>") < form.index(">Delete</button>")


def test_somebody_elses_view_cannot_be_opened(browser, cyril):
    view = save_view(cyril, "queue", name="Red", query="", shared=True)

    assert browser.get(f"/queue/views/{view.pk}/").status_code == 404
    assert browser.post(f"/queue/views/{view.pk}/delete/").status_code == 404


def test_a_view_of_what_is_gone_still_opens(browser, chloe):
    save_view(chloe, "queue", name="Odd", query="kind=gone&who=999&band=%FF")

    assert 'href="/">Odd' in browser.get("/").content.decode().replace(' aria-current="page"', "")
