"""Where people get stuck: what became of each step of a template."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from onboarding.domain.reports.cohort import Cohort
from onboarding.domain.wording import in_language
from onboarding.models import ChecklistTemplate, TemplateStep


@dataclass(frozen=True)
class Step:
    """Of the checklists that have the step."""

    key: str
    title: str
    of: int = 0
    done: int = 0
    left_out: int = 0  # skipped, or it does not apply
    open: int = 0  # and in time
    late: int = 0  # open, and the checklist is behind or stuck
    given_up: int = 0  # was open when the checklist was canceled
    here: int = 0  # running checklists for which it is the step due first
    median_hours: float | None = None  # from opened to done

    @property
    def reached(self) -> int:
        return self.done + self.left_out + self.open + self.late + self.given_up

    @property
    def lost(self) -> int:
        """Reached, and neither done nor left out."""
        return self.open + self.late + self.given_up

    @property
    def share(self) -> float | None:
        return self.done / self.of if self.of else None


# Steps of several versions are the same where their key is. First the checklists, then their steps by the index.
FUNNEL = """
with mine as materialized ({cohort}),
wanted as (
    select t.key, s.state, m.status, m.late, s.id, m.id as checklist_id, s.due_on, t.position,
        extract(epoch from s.closed_at - s.opened_at) / 3600.0 as hours
    from mine m
    join onboarding_checkliststep s on s.checklist_id = m.id
    join onboarding_templatestep t on t.id = s.step_id
), first as (
    select key, count(*) as n from (
        select distinct on (checklist_id) key from wanted where state = 'open' and status = 'running'
        order by checklist_id, due_on nulls last, position, id
    ) at group by key
)
select w.key, count(*), count(*) filter (where state = 'done'), count(*) filter (where state in ('skipped', 'na')),
    count(*) filter (where state = 'open' and status = 'running' and not late),
    count(*) filter (where state = 'open' and status = 'running' and late),
    count(*) filter (where state = 'open' and status = 'canceled'),
    coalesce(min(f.n), 0),
    percentile_cont(0.5) within group (order by greatest(hours, 0)::float)
        filter (where state = 'done' and hours is not null)
from wanted w left join first f on f.key = w.key group by w.key
"""


def template_of(cohort: Cohort) -> ChecklistTemplate | None:
    """The one asked for, else the one most of them go through."""
    if cohort.filters.template:
        return ChecklistTemplate.objects.filter(pk=cohort.filters.template).first()
    counted = cohort.checklists.order_by().values_list("version__template").annotate(n=Count("pk"))
    most = counted.order_by("-n", "version__template").first()
    return ChecklistTemplate.objects.get(pk=most[0]) if most else None


def funnel(cohort: Cohort, template: ChecklistTemplate) -> list[Step]:
    """In the order of the newest version; what only earlier ones have comes after."""
    late = ExpressionWrapper(Q(stuck_since__isnull=False) | Q(behind_since__isnull=False), output_field=BooleanField())
    mine = cohort.checklists.filter(version__template=template).annotate(late=late).values("id", "status", "late")
    sql, params = mine.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(FUNNEL.format(cohort=sql), params)
        found = {row[0]: row for row in cursor.fetchall()}
    return [Step(key, title, *found[key][1:]) for key, title in _in_order(template) if key in found]


def _in_order(template: ChecklistTemplate) -> Sequence[tuple[str, str]]:
    steps = TemplateStep.objects.filter(version__template=template).order_by("-version__number", "position", "pk")
    named: dict[str, str] = {}
    for key, texts in steps.values_list("key", "texts"):
        named.setdefault(key, in_language(texts, "title") or key)
    return list(named.items())
