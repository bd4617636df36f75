"""The card: what came out of a journey, for a person at a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from caravan.journey import BUDGET_ENDED
from caravan.output import PAGE_WIDTH, cleaned, in_numbers, out

_UNREAD = ("ignored", "unreadable")
_WAYS = (("like for like", "like_for_like"), ("right-sized", "right_sized"), ("managed", "managed"))


def print_card(
    answer: Mapping[str, Any],
    *,
    export: Path | None = None,
    report: Path | None = None,
    hints: Sequence[str] = (),
) -> None:
    """Figures, then `hints` (things worth looking at), then where the files are."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column()
    for label, words in card_lines(answer):
        table.add_row(label, Text(cleaned(words)))
    out.print(Panel(table, title=_title(answer), title_align="left", expand=False), width=PAGE_WIDTH)
    if hints:
        out.print("[bold]Worth looking at[/bold] (the tables named are those that --export writes)")
        for number, hint in enumerate(hints, 1):
            out.print(Text(f"  {number}. {cleaned(hint)}"))
    for label, path in (("Report", report), ("Exports", export)):
        if path is not None:
            out.print(Text(f"{label}: {path}"))


def _title(answer: Mapping[str, Any]) -> str:
    flows = answer["flows"]
    way = " → ".join(flow["flow_type"] for flow in flows)
    return f"{way} {flows[-1]['status']} in {answer['seconds']:.1f} s"


def card_lines(answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if imports := answer.get("imports"):
        read = [entry for entry in imports if entry["format"] not in _UNREAD]
        rows, rejected = (sum(entry[name] for entry in read) for name in ("rows", "rejected"))
        left_out = f", {len(imports) - len(read)} left out" if len(read) < len(imports) else ""
        reasons = ", with reasons" if rejected else ""
        taken = f"{in_numbers(rows, 'row')} of {in_numbers(len(read), 'table')}{left_out}"
        yield "Read", f"{taken}; {in_numbers(rejected, 'row')} rejected{reasons}"
        if notes := [note for entry in imports for note in entry.get("notes", ())]:
            cells = sum(note["count"] for note in notes)
            blank = in_numbers(cells, "formula cell")
            found = f"{blank} without a stored result, in {in_numbers(len(notes), 'column')}"
            yield "Blank", f"{found}: open and save the file in a spreadsheet program, and deliver it again"
    if mappings := answer.get("mappings"):
        meant = sum(mapping["attribute"] is not None for mapping in mappings)
        yield "Columns", f"{meant:,} of {len(mappings):,} understood"
    if assets := answer.get("assets"):
        yield "Assets", f"{assets['total']:,}: {_counts(assets['by_type']) or 'none'}"
        yield (
            "To migrate",
            f"{assets['migration_targets']:,}; not: {_counts(assets['not_targets']) or 'none'}",
        )
    if "conflicts" in answer:
        settled = in_numbers(answer["conflicts"], "contradiction")
        yield "Sources", f"{settled} settled by rule, {in_numbers(answer.get('gaps', 0), 'gap')}"
    if edges := answer.get("dependencies"):
        yield (
            "Dependencies",
            f"{edges['edges']:,}, {in_numbers(edges['shared_services'], 'shared service')} set aside",
        )
    if debt := answer.get("tech_debt"):
        ending = debt.get("ending_12_months", 0)
        yield "Support", f"{debt['unsupported']:,} out of support, {ending:,} within twelve months"
        yield "Use", f"{debt.get('idle', 0):,} idle, {debt.get('zombie', 0):,} without any sign of life"
    yield from _plan_lines(answer)
    ended = [p for flow in answer["flows"] for p in flow["phases"] if BUDGET_ENDED in p]
    if ended:
        cases = sum(phase[BUDGET_ENDED]["cases"] for phase in ended)
        where = ", ".join(phase["name"].replace("_", " ") for phase in ended)
        stand = f"{cases:,} cases stand as the rules recommend; CARAVAN_LLM_BUDGET_TOKENS sets it"
        yield "Budget", f"ended the judging in {where}: {stand}"
    if "open_questions" in answer:
        yield "Questions", f"{answer['open_questions']:,} open; the recommended answers stand"


def _plan_lines(answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What assessment and planning came to."""
    if treatments := answer.get("treatments"):
        contested = treatments.get("contested")
        close = f"; {contested:,} contested" if contested else ""
        yield "Treatments", f"{_counts(treatments['counts']) or 'none'}{close}"
    if waves := answer.get("waves"):
        broken = sum(waves["violations"].values())
        none, stay = len(waves["unplaceable"]), waves.get("retained") or 0
        left = (f", {stay:,} stay" if stay else "") + (f", {none:,} fit in none" if none else "")
        held = waves["units"] - none - stay
        units = f"{in_numbers(waves['count'], 'wave')} for {in_numbers(held, 'unit')}"
        yield "Waves", f"{units}{left}; {in_numbers(broken, 'rule')} broken"
    if schedule := answer.get("schedule"):
        likely = f"; 80 % sure by {schedule['p80']}" if schedule.get("p80") else ""
        dated = f"{schedule['start']} to {schedule['end']}, " if schedule.get("start") else ""
        days = f"{dated}{in_numbers(schedule['makespan_days'], 'working day')}{likely}"
        yield "Schedule", f"{days}; no plan is shorter than {schedule['lower_bound_days']:,}"
    if cost := answer.get("cost"):
        yield "A month", _costs(cost)
        yield from _case(cost)
        if more := cost.get("needs_more"):
            seen = in_numbers(more, "machine was", "machines were")
            yield "Sizes", f"{seen} seen to need more than they have; right-sized gives it to them"


def _case(cost: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The ways over the same machines where their sums are not, and what moving takes."""
    side, lacking = cost.get("side_by_side") or {}, cost.get("unknown") or {}
    if side.get("machines") and any(lacking.get(key) for _, key in _WAYS):
        listed = ", ".join(f"{label} {side[key]:,.0f}" for label, key in _WAYS if key in side)
        machines = in_numbers(side["machines"], "machine moves and has", "machines move and have")
        yield "Side by side", f"{machines} a price each way: {listed}"
    if cost.get("migration") is not None:
        paid = (
            f"; pays for itself in {cost['payback_months']:,.0f} months" if cost.get("payback_months") else ""
        )
        known = f", on the {in_numbers(cost['compared_assets'], 'machine')} known both ways" if paid else ""
        yield (
            "Moving",
            f"{cost['currency']} {cost['migration']:,.0f}, people and both sides running at once{paid}{known}",
        )


def _costs(cost: Mapping[str, Any]) -> str:
    """Three ways beside today. What has no price is said with the sum that lacks it, not counted as nothing."""
    if all(cost.get(key) is None for key in ("today", "like_for_like", "right_sized", "managed")):
        return "unknown: no machine has all that a price needs (processors, memory, storage, system)"
    ways = [("today", "today"), *_WAYS]
    if "planned" in cost:
        ways.append(("planned", "planned"))
    lacking = cost.get("unknown") or {"right_sized": cost.get("unknown_assets")}
    shown = ", ".join(f"{label} {_amount(cost.get(key), lacking.get(key) or 0)}" for label, key in ways)
    saved = ""
    if cost.get("saving") is not None and cost.get("compared_assets"):
        both = in_numbers(cost["compared_assets"], "machine")
        saved = f"; {cost['saving']:,.0f} saved on the {both} known both ways"
    return f"{cost['currency']} {shown}{saved}"


def _amount(value: float | None, without: int) -> str:
    if value is None:
        return "unknown"
    return f"{value:,.0f} (without {in_numbers(without, 'machine')})" if without else f"{value:,.0f}"


def _counts(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in ranked)
