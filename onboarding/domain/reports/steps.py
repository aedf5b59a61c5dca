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
    median_hours: float | None = None  # from opened to done; of several versions, their medians by weight

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


# Counted by step of a version first, without looking any of them up: there are hundreds of thousands.
FUNNEL = """
with mine as materialized ({cohort}),
counted as (
    select s.step_id, count(*) as n, count(*) filter (where s.state = 'done') as done,
        count(*) filter (where s.state in ('skipped', 'na')) as left_out,
        count(*) filter (where s.state = 'open' and m.status = 'running' and not m.late) as open,
        count(*) filter (where s.state = 'open' and m.status = 'running' and m.late) as late,
        count(*) filter (where s.state = 'open' and m.status = 'canceled') as given_up,
        percentile_cont(0.5) within group (order by greatest(extract(epoch from s.closed_at - s.opened_at), 0)::float)
            filter (where s.state = 'done' and s.closed_at is not null and s.opened_at is not null) as seconds
    from mine m join onboarding_checkliststep s on s.checklist_id = m.id group by s.step_id
), here as (
    select step_id, count(*) as n from (
        select distinct on (s.checklist_id) s.step_id
        from mine m join onboarding_checkliststep s on s.checklist_id = m.id
            join onboarding_templatestep t on t.id = s.step_id
        where m.status = 'running' and s.state = 'open'
        order by s.checklist_id, t.required desc, s.due_on nulls last, t.position, s.id
    ) at group by step_id
)
select t.key, sum(c.n)::int, sum(c.done)::int, sum(c.left_out)::int, sum(c.open)::int, sum(c.late)::int,
    sum(c.given_up)::int, coalesce(sum(h.n), 0)::int, sum(c.seconds * c.done) / nullif(sum(c.done) filter (
        where c.seconds is not null), 0) / 3600.0
from counted c join onboarding_templatestep t on t.id = c.step_id left join here h on h.step_id = c.step_id
group by t.key
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
