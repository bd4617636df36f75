"""The smallest crew a service can have; what tests of the runner put their cases before."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from caravan_common.crews import Case, crew_from_yaml

if TYPE_CHECKING:
    from crewai import BaseLLM, Crew


def build(llm: "BaseLLM", cases: Sequence[Case]) -> "Crew":
    """The wording is the same for all cases; a crew may look at them to choose among wordings."""
    del cases
    return crew_from_yaml(Path(__file__).parent, llm)
