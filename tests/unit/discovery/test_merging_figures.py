"""Two sources of 10,000 machines with a known truth: who is joined, what is told of it, and that nothing is lost."""

import pytest

from benchmarks.merging import PHASES, score
from benchmarks.two_sources import make_two_sources
from tests.unit.discovery.conftest import Discovery


@pytest.mark.parametrize("left", ["rvtools", "monitoring"])
def test_two_sources_are_merged_as_they_should(discovery: Discovery, left: str) -> None:
    truth = make_two_sources(left=left)
    for name, content in truth.files.items():
        discovery.write(name, content)
    discovery.run(*PHASES)

    found = score(truth, discovery.table("assets"), discovery.table("conflicts"))

    assert len(truth.pairs) == 8_000
    assert found.precision >= 0.999
    assert found.recall >= 0.98
    assert found.disagreements > 1_000
    assert found.silent == 0
    assert (found.doubled, found.uncounted) == (0, 0)
    assert discovery.summary("inventory")["assets"]["total"] == 20_000 - found.joined
    reasons = set(discovery.table("conflicts")["reason"])
    assert reasons == ({"more trusted source"} if left == "rvtools" else {"newer"})


def test_the_same_seed_makes_the_same_sources() -> None:
    assert make_two_sources(50, 7) == make_two_sources(50, 7)
    assert make_two_sources(50, 7) != make_two_sources(50, 8)
