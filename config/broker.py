"""Redis as the broker, with one repair to Kombu's transport for it."""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import ConnectionError as BrokerConnectionError


class Channel(redis.Channel):
    def _connparams(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The broker went away while the worker held one task and waited for more: Celery lets go of the
        connection, and whoever uses the channel once more, to acknowledge or to give back, gets an
        AttributeError that ends the worker. As a connection error it is what all of them expect: the task
        finishes, its message comes back with the visibility time-out, and the worker connects again.
        """
        if self.connection is None or self.connection.client is None:
            raise BrokerConnectionError("This connection to the broker was given up.")
        return super()._connparams(*args, **kwargs)  # type: ignore[misc]  # the stubs leave it out


class Transport(redis.Transport):
    Channel = Channel


def install() -> None:
    for scheme in ("redis", "rediss", "redis+socket"):
        TRANSPORT_ALIASES[scheme] = "config.broker:Transport"
