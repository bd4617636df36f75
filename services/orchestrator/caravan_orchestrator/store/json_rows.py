"""Many rows in one statement: a JSON array in, PostgreSQL's jsonb_to_recordset does the rest.

PostgreSQL expects a hundred rows of such a function, and for so many would read a whole table to find a few. Of a limit
that it can't see through it expects a tenth, and finds them by key.
"""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@cache
def _column_types(table: Table, columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}" {table.c[name].type.compile(_DIALECT)}' for name in columns)


def quoted(columns: Sequence[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in columns)


@cache
def recordset(table: Table, columns: tuple[str, ...], source: str) -> str:
    """`source` is an SQL expression of type jsonb: an array of objects with these keys."""
    rows = f"select * from jsonb_to_recordset({source}) as r({_column_types(table, columns)})"
    return f"({rows} limit jsonb_array_length({source})) as r"


def identifiers(source: str) -> str:
    """The UUIDs of a JSON array, as rows r(id)."""
    rows = f"select each::uuid as id from jsonb_array_elements_text({source}) as each"
    return f"({rows} limit jsonb_array_length({source})) as r"


@cache
def insert_sql(table: Table, columns: tuple[str, ...], source: str, conflict: str = "") -> str:
    names = quoted(columns)
    rows = recordset(table, columns, source)
    return f"insert into {table.fullname} ({names}) select {quoted(columns, 'r.')} from {rows} {conflict}"


@cache
def update_sql(
    table: Table, keys: tuple[str, ...], columns: tuple[str, ...], source: str, extra: str = ""
) -> str:
    """Rows are matched by `keys`; `extra` is appended to the set list."""
    sets = ", ".join(f'"{name}" = r."{name}"' for name in columns) + extra
    matches = " and ".join(f't."{name}" = r."{name}"' for name in keys)
    return f"update {table.fullname} t set {sets} from {recordset(table, keys + columns, source)} where {matches}"
