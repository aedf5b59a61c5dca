from tests.accounts.api.conftest import program, writer

__all__ = ["program", "writer"]
