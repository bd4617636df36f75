"""The bars that mapping has to hold, on this project's own headers; see `mapping_figures.py`."""

import sys

import pytest

from tests.unit.discovery.mapping_figures import FRESH_PARTS, HALVES, fresh_figures, own_figures, together


@pytest.mark.parametrize("half", HALVES)
def test_headers_as_companies_write_them_are_mapped_right_and_hardly_ever_surely_wrong(half: str) -> None:
    figures = own_figures(half)

    assert figures.columns >= 75
    assert figures.share_right >= 0.85, "\n".join(figures.faults)
    assert figures.share_sure_and_wrong <= 0.01, "\n".join(figures.faults)
    assert figures.others_kept >= 0.85 * figures.others


def test_headers_written_apart_from_the_rules_are_mapped_right_and_hardly_ever_surely_wrong() -> None:
    parts = {part: fresh_figures(part) for part in FRESH_PARTS}
    whole = together([*parts.values()])
    sys.stdout.writelines(f"{name}: {figures}\n" for name, figures in {**parts, "whole": whole}.items())

    assert whole.columns >= 300
    for figures in (*parts.values(), whole):
        assert figures.share_right >= 0.85
        assert figures.share_sure_and_wrong <= 0.01
        assert figures.others_kept >= 0.85 * figures.others
