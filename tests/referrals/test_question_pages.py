"""What applicants are asked, as an admin fills it in."""

import pytest

from referrals.models import Program
from tests.referrals.money import make_program

pytestmark = pytest.mark.django_db


def test_a_question_that_says_the_least_is_shown_and_saved_whole(alice, signed_in) -> None:
    """As an example or a program of one's own may write it; applicants are asked it all the same."""
    program, admin = make_program(questions=[{"key": "reach", "text": {"en": "Whom do you reach?"}}]), signed_in(alice)
    place = f"/settings/programs/{program.pk}/questions/"

    answer = admin.get(place)
    assert answer.status_code == 200
    assert 'value="Whom do you reach?"' in answer.content.decode()

    sent = {"key": "reach", "kind": "choice", "text_en": "Whom do you reach?", "choices": "Teams; Schools"}
    rows = {f"questions-0-{name}": value for name, value in sent.items()}
    assert admin.post(place, {"questions-TOTAL_FORMS": 1, "questions-INITIAL_FORMS": 1, **rows}).status_code == 302
    assert Program.objects.get(pk=program.pk).questions == [
        {
            "key": "reach",
            "text": {"en": "Whom do you reach?"},
            "kind": "choice",
            "choices": ["Teams", "Schools"],
            "required": False,
        }
    ]
