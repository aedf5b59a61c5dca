"""Who may do what: one table. Everything else asks it (`user.may(...)`, `@requires(...)`, `{% may %}`)."""

from enum import StrEnum

from accounts.enums import Role


class Scope(StrEnum):
    NONE = "none"
    OWN = "own"  # accounts whose CSM I am, follow-ups handed to me or of those accounts
    ALL = "all"


N, OWN, A = Scope.NONE, Scope.OWN, Scope.ALL

#   what                        admin manager csm viewer
TABLE: dict[str, tuple[Scope, Scope, Scope, Scope]] = {
    # Reading: a team covers for each other, so everybody signed in reads every account.
    "account.view":            (A, A, A, A),
    "account.export":          (A, A, A, N),
    "followup.view":           (A, A, A, A),
    "settings.view":           (A, A, N, N),
    # Working with customers.
    "account.log":             (A, A, A, N),  # calls and notes: whoever picked up the phone
    "account.pulse":           (A, A, OWN, N),
    "account.edit":            (A, A, OWN, N),
    "account.assign":          (A, A, N, N),  # who is its CSM
    "followup.work":           (A, A, OWN, N),  # done, snooze
    "followup.reassign":       (A, A, OWN, N),
    "followup.open":           (A, A, A, N),  # write one by hand
    "renewal.view":            (A, A, A, A),
    "renewal.work":            (A, A, OWN, N),  # stage, one's own call, the decision
    "renewal.settle":          (A, A, OWN, N),  # a disagreement between model, CSM and customer
    "voice.view":              (A, A, A, A),  # what customers answered
    "onboarding.view":         (A, A, A, A),
    "onboarding.work":         (A, A, OWN, N),  # checklists and sessions: of one's own accounts, and those one hosts
    "referral.view":           (A, A, A, A),  # partners, what they brought, what they earned
    "link.manage":             (A, A, OWN, N),  # personal links of contacts: make, send, revoke
    "mail.view":               (A, A, A, N),  # the outbox
    "hours.own":               (A, A, A, N),  # one's own hours, dates and busy calendars
    "hours.manage":            (A, A, N, N),  # those of others
    # Deciding how the house runs.
    "user.manage":             (A, N, N, N),
    "segment.manage":          (A, N, N, N),
    "contact.erase":           (A, N, N, N),  # all that is known about a person: hand it out, take it away
    "rule.manage":             (A, N, N, N),  # the numbers of the rules: days, chances, thresholds
    "scoring.manage":          (A, N, N, N),  # weights, action impacts, targets, recompute
    "playbook.manage":         (A, N, N, N),
    "survey.manage":           (A, N, N, N),
    "template.manage":         (A, N, N, N),  # checklist templates, and applying them to running checklists
    "session_type.manage":     (A, N, N, N),  # what can be booked, with whom, when
    "plan.manage":             (A, N, N, N),  # plans, their prices, moving customers to a newer one
    "program.manage":          (A, N, N, N),  # referral programs: who earns what
    "partner.manage":          (A, N, N, N),  # take, refuse, pause; decide about held referrals; adjust the ledger
    "payout.manage":           (A, N, N, N),
    "numbers.view":            (A, A, A, A),
    "cost.manage":             (A, N, N, N),  # what winning and keeping customers costs
    "rate.manage":             (A, N, N, N),  # exchange rates
    "mail.manage":             (A, N, N, N),  # send again, opt-outs
    "token.manage":            (A, N, N, N),
    "webhook.manage":          (A, N, N, N),  # which programs are told of what happens
    "import.run":              (A, N, N, N),
    "audit.view":              (A, A, N, N),  # who decided what, and when
    "delivery.manage":         (A, N, N, N),  # parked deliveries: try again
}  # fmt: skip

_COLUMN = {Role.ADMIN: 0, Role.MANAGER: 1, Role.CSM: 2, Role.VIEWER: 3}


def scope(role: str, permission: str) -> Scope:
    """How far `permission` reaches for `role`. An unknown permission is a mistake in the code: KeyError."""
    return TABLE[permission][_COLUMN[Role(role)]]
