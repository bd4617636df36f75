"""Every statement that a process sends to the database by one engine: through SQLAlchemy, and by the driver alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from asyncpg.connection import LoggedQuery
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

_TRANSACTION = re.compile(r"\s*(begin|start transaction|commit|rollback|savepoint|release)\b", re.IGNORECASE)


class Statement(NamedTuple):
    """`arguments` as they were given."""

    text: str
    arguments: Any


@contextmanager
def statements(engine: AsyncEngine) -> Iterator[list[Statement]]:
    """Those sent over connections that are taken out of the pool while it is open.

    Without those that only begin and end transactions, and without COPY. What goes by the driver alone is there when
    whoever asked for it has given way to the loop once.
    """
    sent: list[Statement] = []
    listening: set[Any] = set()

    def by_sqlalchemy(
        _c: Any, _cursor: Any, statement: str, arguments: Any, _context: Any, many: bool
    ) -> None:
        # The driver tells of many at once itself; of what SQLAlchemy has had prepared it does not.
        if not many:
            sent.append(Statement(statement, arguments))

    def by_driver(logged: LoggedQuery) -> None:
        if not _TRANSACTION.match(logged.query):
            sent.append(Statement(logged.query, tuple(logged.args)))

    def taken_out(adapted: Any, *_rest: Any) -> None:
        adapted.driver_connection.add_query_logger(by_driver)
        listening.add(adapted.driver_connection)

    def given_back(adapted: Any, *_rest: Any) -> None:
        if adapted is not None and adapted.driver_connection in listening:
            adapted.driver_connection.remove_query_logger(by_driver)
            listening.discard(adapted.driver_connection)

    listeners = (
        ("before_cursor_execute", by_sqlalchemy),
        ("checkout", taken_out),
        ("checkin", given_back),
    )
    for name, listener in listeners:
        event.listen(engine.sync_engine, name, listener)
    try:
        yield sent
    finally:
        for name, listener in listeners:
            event.remove(engine.sync_engine, name, listener)
        for connection in listening:
            connection.remove_query_logger(by_driver)
