from tests.accounts.api.conftest import ingester, program, reader, writer

__all__ = ["ingester", "program", "reader", "writer"]
