"""Which template an account gets: of those that fit, the one that says most about whom it is for."""

from collections.abc import Iterable

from accounts.enums import TouchModel
from accounts.models import Account
from onboarding.models import ChecklistTemplate, TemplateVersion

Offer = tuple[ChecklistTemplate, frozenset[int], TemplateVersion]


def best_template(account: Account) -> TemplateVersion | None:
    return best_templates([account])[account.pk]


def best_templates(accounts: Iterable[Account]) -> dict[int, TemplateVersion | None]:
    """For many in as many queries as for one; `segment` is selected along by who asks for many."""
    offers = _offers()
    return {account.pk: _best(account, offers) for account in accounts}


def _offers() -> list[Offer]:
    templates = {t.pk: t for t in ChecklistTemplate.objects.filter(retired_at=None).prefetch_related("segments")}
    versions = TemplateVersion.objects.newest().filter(template__in=list(templates))
    found = []
    for version in versions:
        version.template = template = templates[version.template_id]
        found.append((template, frozenset(segment.pk for segment in template.segments.all()), version))
    return found


def _best(account: Account, offers: Iterable[Offer]) -> TemplateVersion | None:
    model = model_of(account)
    fitting = [
        (template, segments, version)
        for template, segments, version in offers
        if (not segments or account.segment_id in segments)
        and (not template.touch_models or model in template.touch_models)
    ]
    return max(fitting, key=_telling)[2] if fitting else None


def _telling(offer: Offer) -> tuple[bool, bool, int, int, int]:
    """A segment says more than a touch model, few say more than many; at last the newer one."""
    template, segments, _version = offer
    models = template.touch_models
    return bool(segments), bool(models), -len(segments), -len(models), template.pk


def model_of(account: Account) -> str:
    """The touch model that was chosen or recommended; else what is usual in the segment."""
    return account.touch_model or (account.segment.touch_model if account.segment else TouchModel.MID)
