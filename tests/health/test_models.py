"""Score models: what is refused, what is kept for ever."""

import pytest
from django.db import ProgrammingError, transaction

from accounts.exceptions import Conflict, DomainError
from accounts.models import Segment
from health.domain import models
from health.models import ScoreMark, ScoreModel, ScoreModelVersion, UsageTarget
from tests.health import factories as f

pytestmark = pytest.mark.django_db


def default() -> ScoreModel:
    return ScoreModel.objects.select_related("current").get(segment=None)


def test_an_installation_begins_with_the_default_model():
    version = default().current
    assert (version.number, version.weight_of) == (1, {"usage": 40, "nps": 10, "support": 20, "billing": 30})
    assert UsageTarget.objects.get().points_per_seat == models.DEFAULT_TARGET
    models.install_defaults()
    assert ScoreModelVersion.objects.count() == 1


def test_publishing_makes_a_new_version_and_marks_everybody(alice):
    account = f.make_account()
    version = models.publish_weights(
        default(), {"support": 60, "usage": 40, "nps": 0}, by=alice, based_on=1, note=" Try "
    )
    assert (version.number, version.indicators, version.weights, version.note) == (
        2,
        ["usage", "support"],
        [40, 60],
        "Try",
    )
    assert default().current == version
    assert account.pk in ScoreMark.objects.latest("pk").accounts


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ({"usage": 40, "nps": 10}, "The weights add to 50. They must add to 100."),
        ({"usage": 90, "nps": 20}, "The weights add to 110. They must add to 100."),
        ({}, "The weights add to 0. They must add to 100."),
        ({"luck": 100}, "There is no indicator luck."),
        ({"custom:Not a key": 100}, "There is no indicator custom:Not a key."),
        ({"custom:'; drop": 100}, "There is no indicator custom:'; drop."),
        ({"usage": 101, "nps": -1}, "A weight is a whole number from 0 to 100."),
        ({"usage": 99.5, "nps": 0.5}, "A weight is a whole number from 0 to 100."),
        ({"usage": True, "nps": 99}, "A weight is a whole number from 0 to 100."),
    ],
)
def test_bad_weights_are_refused_in_a_sentence(weights, sentence):
    with pytest.raises(DomainError) as refused:
        models.publish_weights(default(), weights, by=None, based_on=1)
    assert str(refused.value) == sentence
    assert default().current.number == 1


def test_two_admins_at_once_the_second_is_told(alice):
    models.publish_weights(default(), {"usage": 100}, by=alice, based_on=1)
    with pytest.raises(Conflict, match="Alice has published version 2 meanwhile"):
        models.publish_weights(default(), {"nps": 100}, by=alice, based_on=1)
    assert default().current.weight_of == {"usage": 100}


@pytest.mark.parametrize("change", [{"weights": [100]}, {"status": "draft"}, {"note": "better"}])
def test_a_published_version_never_changes(change):
    version = default().current
    with pytest.raises(ProgrammingError), transaction.atomic():
        ScoreModelVersion.objects.filter(pk=version.pk).update(**change)
    ScoreModel.objects.filter(pk=version.model_id).update(current=None)
    with pytest.raises(ProgrammingError), transaction.atomic():
        version.delete()


def test_a_segments_own_model_begins_as_the_default(alice):
    segment = Segment.objects.create(key="smb", name="SMB")
    model = models.create_segment_model(segment, by=alice)
    model.refresh_from_db()
    assert model.current.weight_of == default().current.weight_of
    with pytest.raises(Conflict):
        models.create_segment_model(segment, by=alice)
