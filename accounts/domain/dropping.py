"""What customers let go of, and whether it was in use: the ground floor asks who knows (registry.usage_answers)."""

from collections import defaultdict
from collections.abc import Sequence

from django.conf import settings
from django.utils import translation

from accounts.registry import Dropped, usage_answers

__all__ = ["Dropped", "in_use_of"]


def in_use_of(dropped: Sequence[Dropped]) -> dict[int, str]:
    """Sentences by the key of what was dropped, in the installation's language: they are kept."""
    if not dropped:
        return {}
    sentences: dict[int, list[str]] = defaultdict(list)
    with translation.override(settings.LANGUAGE_CODE):
        for one in usage_answers:
            for key, sentence in one.answer(dropped).items():
                sentences[key].append(sentence)
    return {key: "; ".join(found) for key, found in sentences.items()}
