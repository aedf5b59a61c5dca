"""The scoring rule, set-based: the same numbers as domain/indicators.py and domain/scoring.py, for a whole range of
accounts in one statement. The work stays in the database; what comes back are counts.

Why it looks as it does: an indicator nobody weighs is not read; each account's readings are looked up by index
(a month out of years), never joined as a whole; OFFSET 0 keeps the planner from folding a layer into the next and
computing each value again wherever it is used.
"""

from health.domain.sql.publish import publish_statement
from health.domain.sql.running import run
from health.domain.sql.score import score_statement
from health.domain.sql.which import Statement, Which

__all__ = ["Statement", "Which", "publish_statement", "run", "score_statement"]
