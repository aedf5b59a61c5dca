"""What the doctor looks at in health. For their number these tables have no foreign keys that the database checks."""

from django.utils.translation import gettext as _

from accounts.domain.checkups import rows, told

LOOSE = ("health_score", "health_usageday", "health_usageevent")
# By the first of each account, which the key finds: no table is read as a whole.
ORPHANS = """
with recursive found as (
    (select account_id from {table} order by account_id limit 1)
    union all
    select (select t.account_id from {table} t where t.account_id > found.account_id order by t.account_id limit 1)
    from found where found.account_id is not null
)
select account_id from found
where account_id is not null and not exists (select from accounts_account a where a.id = found.account_id)
"""
SHOWN = """
select a.external_id from accounts_account a join lateral (
    select h.score, h.band from health_score h where h.account_id = a.id order by h.day desc limit 1
) h on true
where a.stage <> 'churned' and (a.score, a.band) is distinct from ((h.score * 0.001)::numeric(7, 3), h.band)
    and a.scored_at < now() - interval '1 hour'
order by a.id
"""
MARKS = "select id from health_scoremark where marked_at < now() - interval '10 minutes'"


def orphans() -> list[str]:
    return [
        sentence
        for table in LOOSE
        for sentence in told(
            _("%(n)s accounts that are gone still have rows in {table}: %(which)s").replace("{table}", table),
            rows(ORPHANS.format(table=table)),
        )
    ]


def scores() -> list[str]:
    return [
        *told(_("%(n)s accounts that do not show their latest score: %(which)s"), rows(SHOWN)),
        *told(_("%(n)s marks that nobody has scored for ten minutes: %(which)s"), rows(MARKS)),
    ]
