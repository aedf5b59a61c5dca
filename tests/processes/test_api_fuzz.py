"""schemathesis calls every operation of API v1 in ways the schema allows and in ways it does not."""

from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from accounts.domain.setting_rates import set_rate
from accounts.domain.tokens import create_token
from config.wsgi import application
from tests.accounts.spine import make_account, make_follow_up

pytestmark = pytest.mark.processes
load_all_checks()
schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
schema.app = application
schema.config.generation.update(with_security_parameters=False)  # every call carries a good token

# Rules that no schema can say (a segment that there is, an end after the start) are a 422 for well-formed data.
BEYOND_SCHEMA = [positive_data_acceptance]
# A bad row of a batch comes back by its place, and the good ones are taken: that is a 200.
ROW_BY_ROW = {"/api/v1/usage", "/api/v1/readings", "/api/v1/mail-events", "/api/v1/surveys/{slug}/answers"}


@pytest.fixture
def _kept_connection() -> Iterator[None]:
    """The test's transaction lives in its connection; requests would close it before and after themselves."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(db, _kept_connection, settings) -> str:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
    set_rate("EUR", "2020-01-01", "1.1", by="test")
    make_follow_up(make_account("Acme", external_id="acme"))
    return create_token(name="fuzz", scopes=["admin"])[1]


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_nothing_is_found(case, token) -> None:
    excluded = [*BEYOND_SCHEMA, negative_data_rejection] if case.path in ROW_BY_ROW else BEYOND_SCHEMA
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=excluded)
