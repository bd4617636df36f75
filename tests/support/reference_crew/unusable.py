"""Crews that the runner must refuse, and one that only words its task otherwise."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from caravan_common.crews import Case
from tests.support.reference_crew.crew import build

if TYPE_CHECKING:
    from crewai import BaseLLM, Crew


def build_with_tool(llm: "BaseLLM", cases: Sequence[Case]) -> "Crew":
    from crewai.tools import tool

    @tool("read a file")
    def read_file(path: str) -> str:
        """Reads any file."""
        raise AssertionError(f"a tool was called for {path}")

    crew = build(llm, cases)
    crew.agents[0].tools = [read_file]
    return crew


def build_two_tasks(llm: "BaseLLM", cases: Sequence[Case]) -> "Crew":
    crew = build(llm, cases)
    crew.tasks = [crew.tasks[0], crew.tasks[0]]
    return crew


def build_with_own_model(llm: "BaseLLM", cases: Sequence[Case]) -> "Crew":
    from caravan_common.crews.offline import offline_llm

    del llm
    return build(offline_llm(), cases)


def build_failing(llm: "BaseLLM", cases: Sequence[Case]) -> "Crew":
    raise ZeroDivisionError


def build_other_wording(llm: "BaseLLM", cases: Sequence[Case]) -> "Crew":
    crew = build(llm, cases)
    crew.tasks[0].description = "Judge, and judge well."
    return crew
