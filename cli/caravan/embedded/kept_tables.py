"""Reference tables that commands left in a data folder, for the platform that starts on it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from caravan.failures import PlatformUnavailable


def kept_tables(folders: Sequence[Path]) -> list[tuple[str, Mapping[str, str]]]:
    """Name and rows of each, out of the first folder that has it. Raises PlatformUnavailable."""
    from caravan_discovery.domain import lifecycle
    from caravan_planning.domain.failures import PriceListIsInvalid
    from caravan_planning.domain.target import price_files
    from caravan_planning.domain.target.prices import TABLE_NAME

    kept: Path | None = None
    found: list[tuple[str, Mapping[str, str]]] = []
    try:
        if (kept := _first(folders, lifecycle.FILE_NAME)) is not None:
            found.append((lifecycle.TABLE_NAME, lifecycle.table_rows(lifecycle.read_raw(kept))))
        if (kept := _first(folders, price_files.FILE_NAME)) is not None:
            found.append((TABLE_NAME, price_files.read_price_file(kept.read_bytes(), kept.name)))
    except (lifecycle.TableIsInvalid, PriceListIsInvalid, OSError) as error:
        raise PlatformUnavailable(f"{error} Refresh it again, or delete {kept}.") from None
    return found


def _first(folders: Sequence[Path], name: str) -> Path | None:
    return next((folder / name for folder in folders if (folder / name).is_file()), None)
