from typing import Any


class DomainError(Exception):
    """A rule said no. Its text is a sentence for a person; pages show it, the API returns it as `detail`.

    `code` is the API's machine word, `status` the HTTP status, `errors` sentences by field.
    """

    code = "refused"
    status = 422

    def __init__(
        self,
        message: Any,
        *,
        code: str | None = None,
        status: int | None = None,
        errors: dict[str, list[Any]] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.status = status or self.status
        self.errors = errors or {}

    def __str__(self) -> str:
        return str(self.message)


class Conflict(DomainError):
    """Somebody was faster, or the same key came with another body."""

    code = "conflict"
    status = 409


class Forbidden(DomainError):
    code = "forbidden"
    status = 403
