"""Crew `target`: one agent, one task, for targets that the price list alone can't settle."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from caravan_common.crews import Case, crew_from_yaml

if TYPE_CHECKING:
    from crewai import BaseLLM, Crew


def build(llm: "BaseLLM", cases: Sequence[Case]) -> "Crew":
    """The wording is the same for all cases; cases, form of the answer and guardrail come from the runner."""
    del cases
    return crew_from_yaml(Path(__file__).parent, llm)
