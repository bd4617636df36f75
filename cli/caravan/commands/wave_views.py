"""What `caravan wave` says of a plan and of an edit, in lines and tables."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from caravan.commands.gateway import Row
from caravan.output import out, print_table

# Person-days; sums of floats differ by their order.
_SMALL = 1e-6


def show_edit(edit: Row, flow: str) -> None:
    if edit["result"] is None:
        out.print(f"Edit {edit['edit_id']} is {edit['status']}.")
        return
    broken = [
        (kind, each)
        for kind, found in (edit["violations"] or {}).items()
        for each in (found if isinstance(found, list) else [found] if found else [])
    ]
    weight = f"{edit['cut_before']:g} → {edit['cut_after']:g}"
    out.print(f"Edit {edit['edit_id']} is {edit['status']}. Weight of dependencies between waves: {weight}.")
    if not broken:
        out.print("It breaks no rule.")
    names = _named(edit["plan"])
    for kind, each in broken:
        out.print(f"{kind.replace('_', ' ')}: {_with_names(str(each), names)}", markup=False)
    for line in _changes(edit):
        out.print(line, markup=False)
    out.print(f"To let it stand: caravan wave accept {flow} {edit['edit_id']}")


def _named(plan: Row) -> dict[str, str]:
    """Names of units by key; one that several have keeps its key beside it."""
    often = Counter(row.get("name") for row in plan["items"])
    return {
        row["natural_key"]: row["name"]
        if often[row["name"]] == 1
        else f"{row['name']} ({row['natural_key']})"
        for row in plan["items"]
        if row.get("name")
    }


def _with_names(said: str, names: Mapping[str, str]) -> str:
    """The longest key first: one may begin like another."""
    keys = "|".join(re.escape(key) for key in sorted(names, key=len, reverse=True))
    return re.sub(keys, lambda key: names[key.group()], said) if keys else said


def _changes(edit: Row) -> Iterator[str]:
    """Waves whose person-days or days would be others, by the numbers that they would have."""
    numbers = {int(old): new for old, new in (edit["result"].get("wave_numbers") or {}).items()}
    effort: dict[int, float] = {}
    days: dict[int, tuple[str, str]] = {}
    for row in edit["plan"]["load"]:
        wave = numbers.get(row["wave"], row["wave"])
        effort[wave] = effort.get(wave, 0.0) + (row.get("effort") or 0.0)
    for row in edit["plan"]["dates"]:
        wave, span = numbers.get(row["wave"], row["wave"]), (row.get("starts"), row.get("ends"))
        days[wave] = (days[wave][0], span[1]) if wave in days else span
    for row in edit["load"] or ():
        was = effort.get(row["wave"], 0.0)
        if row.get("capacity") == "effort" and abs(row["used"] - was) > _SMALL:
            limit = "" if row["limit"] is None else f" of {row['limit']:g}"
            yield f"wave {row['wave']}: {was:g} → {row['used']:g}{limit} person-days"
    for row in edit["dates"] or ():
        span, old = (row.get("starts"), row.get("ends")), days.get(row["wave"])
        if old and old != span:
            yield f"wave {row['wave']}: {old[0]} to {old[1]} → {span[0]} to {span[1]}"


def show_waves(plan: Row) -> None:
    dates = {row["wave"]: row for row in plan["dates"]}
    rows = [
        (
            row["wave"],
            row["units"],
            None if row.get("effort") is None else f"{row['effort']:.1f}",
            *(dates.get(row["wave"], {}).get(name) for name in ("starts", "ends")),
        )
        for row in plan["load"]
    ]
    print_table(("wave", "units", "effort", "starts", "ends"), rows)


def plain(side: Row | None) -> str:
    return "–" if side is None else ", ".join(f"{name} {value}" for name, value in side.items())
