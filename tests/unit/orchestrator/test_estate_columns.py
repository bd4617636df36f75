"""The columns of an estate choose, count and page as one would row by row."""

import random
import struct
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest

from caravan_common.contracts.attributes import PERSONAL
from caravan_orchestrator.api.privacy import is_personal
from caravan_orchestrator.store.columns.estate import Column, EstateColumns, Ranks, narrow
from caravan_orchestrator.store.reads.assets_sorted import SORTED_BY


def column(values: list[object]) -> Column:
    known = [*sorted({value for value in values if value is not None}, key=str), None]
    return Column(tuple(known), np.array([known.index(value) for value in values], dtype=np.int32))


def estate(ids: list[UUID], **columns: list[object]) -> EstateColumns:
    return EstateColumns(1, b"".join(id_.bytes for id_ in ids), {n: column(v) for n, v in columns.items()})


def joined(ids: list[UUID]) -> bytes:
    return b"".join(id_.bytes for id_ in ids)


@pytest.mark.parametrize("seed", range(20))
def test_chosen_counted_and_paged_as_row_by_row(seed: int) -> None:
    dice = random.Random(seed)
    size = dice.choice((1, 2, 50, 300))
    ids = [UUID(int=dice.getrandbits(128)) for _ in range(size)]
    kinds: list[object] = dice.choices(("server", "vm", None), k=size)
    targets: list[object] = dice.choices((True, False, None), k=size)
    columns = estate(ids, asset_type=kinds, is_target=targets)
    found = [dice.sample(ids, dice.randint(0, size)) for _ in range(dice.randint(0, 2))]
    texts = {"asset_type": dice.choice(([], ["vm"], ["vm", "server"], ["none such"]))}
    target = dice.choice((None, True, False))
    expected = [
        place
        for place in range(size)
        if all(ids[place] in each for each in found)
        and (not texts["asset_type"] or kinds[place] in texts["asset_type"])
        and (target is None or targets[place] is target)
    ]
    # A term may be there twice, and be of another estate.
    places = [columns.places(joined([*each, *each, uuid4()])) for each in found]
    chosen = columns.chosen(texts, target, places)
    assert (list(range(size)) if chosen is None else chosen.tolist()) == expected
    counted = dict(columns.columns["asset_type"].count(chosen))
    assert counted == Counter(kinds[place] for place in expected)
    after = dice.choice((None, dice.randrange(size)))
    listed = [ids[place] for place in expected if after is None or place > after][:7]
    assert columns.page(chosen, after, 7) == listed


def test_ids_that_begin_alike_are_told_apart() -> None:
    ids = [UUID(bytes=struct.pack(">QQ", 7, second)) for second in (9, 3, 5)]
    columns = estate(ids)
    assert [columns.place(id_) for id_ in ids] == [0, 1, 2]
    assert columns.place(UUID(bytes=struct.pack(">QQ", 7, 4))) is None
    assert columns.places(joined(ids)).tolist() == [0, 1, 2]


def test_an_estate_without_assets_has_no_places() -> None:
    columns = estate([], asset_type=[])
    assert columns.place(uuid4()) is None
    assert columns.page(columns.chosen({"asset_type": ["vm"]}, None, []), None, 5) == []


def ranks(values: list[int | None]) -> Ranks:
    known = sorted({value for value in values if value is not None})
    codes = [len(known) if value is None else known.index(value) for value in values]
    return narrow(Ranks(len(known), np.array(codes, dtype=np.int32)))


@pytest.mark.parametrize("seed", range(20))
def test_sorted_and_paged_as_python_sorts(seed: int) -> None:
    """Python's sort keeps what is alike in the order of the list, as the columns must."""
    dice = random.Random(seed)
    size = dice.choice((0, 1, 2, 50, 300))
    ids = [UUID(int=dice.getrandbits(128)) for _ in range(size)]
    kinds: list[object] = dice.choices(("server", "vm", "Vm", None), k=size)
    sizes = dice.choices((None, *range(dice.choice((0, 3, 200)))), k=size)
    columns = EstateColumns(
        1, joined(ids), {"asset_type": column(kinds), "is_target": column([])}, {"memory_gb": ranks(sizes)}
    )
    chosen = columns.chosen({"asset_type": dice.choice(([], ["vm", "Vm"]))}, None, [])
    places = list(range(size)) if chosen is None else chosen.tolist()
    sorted_by: dict[str, list[Any]] = {"asset_type": kinds, "memory_gb": list(sizes)}
    for name, values in sorted_by.items():
        for descending in (False, True):
            known = sorted(
                (place for place in range(size) if values[place] is not None),
                key=lambda place: values[place],
                reverse=descending,
            )
            unknown = [place for place in range(size) if values[place] is None]
            everything = [*known, *unknown]
            order = columns.order(name, descending=descending)
            assert order.tolist() == everything
            after = dice.choice((None, dice.randrange(size))) if size else None
            begin = 0 if after is None else everything.index(after) + 1
            expected = [ids[place] for place in everything[begin:] if place in places]
            assert columns.page(chosen, after, 7, order) == expected[:7]


@pytest.mark.parametrize("known", [65_535, 65_536, 70_000])
def test_more_values_than_sixteen_bits_count_are_sorted_too(known: int) -> None:
    codes = np.arange(known + 1, dtype=np.int32)[::-1].copy()
    kept = narrow(Ranks(known, codes))
    assert kept.codes.itemsize == (2 if known <= 65_535 else 4)
    assert kept.order(descending=False).tolist() == list(range(known, -1, -1))
    assert kept.order(descending=True).tolist() == [*range(1, known + 1), 0]


def test_no_order_is_by_what_tells_of_persons() -> None:
    assert not PERSONAL.intersection(SORTED_BY)
    assert not [name for name in SORTED_BY if is_personal(name)]
