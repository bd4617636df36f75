"""Builds a service's crew from its agents.yaml and tasks.yaml: one agent, one task, nothing but judging."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crewai import BaseLLM, Crew


class CrewNotUsable(RuntimeError):
    """The crew isn't what may judge here: one agent, one task, the given model, no tools. Says which."""


def crew_from_yaml(folder: Path, llm: "BaseLLM") -> "Crew":
    """A crew from `agents.yaml` (one agent: role, goal, backstory) and `tasks.yaml` (one task: description,
    expected_output) in `folder`. Neither mentions cases or the form of the answer: the runner adds both.
    """
    from crewai import Agent, Crew, Process, Task

    role, goal, backstory = _only_entry(folder / "agents.yaml", ("role", "goal", "backstory"))
    description, expected_output = _only_entry(folder / "tasks.yaml", ("description", "expected_output"))
    # As a dict, because the type checker's plugin does not see the fields that Agent inherits.
    traits: dict[str, Any] = {"role": role, "goal": goal, "backstory": backstory, "verbose": False}
    agent = Agent(llm=llm, **traits)
    task = Task(description=description, expected_output=expected_output, agent=agent)
    return Crew(agents=[agent], tasks=[task], process=Process.sequential, verbose=False)


def _only_entry(path: Path, keys: tuple[str, ...]) -> list[str]:
    import yaml  # comes with CrewAI; whoever has no crews has no need of it

    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or len(document) != 1:
        raise CrewNotUsable(f"{path.name} must hold exactly one entry")
    ((name, entry),) = document.items()
    missing = [key for key in keys if not isinstance(entry, dict) or not str(entry.get(key) or "").strip()]
    if missing:
        raise CrewNotUsable(f"{path.name}: {name} lacks {', '.join(missing)}")
    return [str(entry[key]).strip() for key in keys]


def constrain_crew(crew: "Crew", llm: "BaseLLM") -> None:
    """Turns off what would store, retry, ask or call out. CrewNotUsable for a crew that could act."""
    if len(crew.agents) != 1 or len(crew.tasks) != 1:
        raise CrewNotUsable("a crew must have exactly one agent and one task")
    agent: Any = crew.agents[0]
    task = crew.tasks[0]
    if agent.llm is not llm:
        raise CrewNotUsable("the agent must use the model it is given")
    if agent.tools or task.tools:
        raise CrewNotUsable("a crew that judges has no tools")
    _apply(crew, memory=False, cache=False, tracing=False, verbose=False, stream=False, planning=False)
    _apply(crew, output_log_file=None, share_crew=False)
    # A failing call is not repeated by the agent; one iteration, because there are no tools to iterate with.
    _apply(agent, max_retry_limit=0, max_iter=1, max_execution_time=None)
    _apply(agent, verbose=False, allow_delegation=False)
    # Otherwise a prompt longer than the model's supposed window is summarised by further calls.
    _apply(agent, respect_context_window=False, inject_date=False)
    # Bad JSON against output_pydantic costs four calls and ends in a ConverterError; the guardrail reads.
    _apply(task, output_pydantic=None, output_json=None, response_model=None, output_file=None)
    _apply(task, async_execution=False, human_input=False, callback=None)


def _apply(target: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(target, name, value)


def prompt_version(crew: "Crew", *fixed: str) -> str:
    """Twelve hex digits over every text that is not data: agent, task and the `fixed` texts of the runner."""
    agent: Any = crew.agents[0]
    task = crew.tasks[0]
    texts = (agent.role, agent.goal, agent.backstory, task.description, task.expected_output, *fixed)
    return hashlib.sha256("\x00".join(map(str, texts)).encode()).hexdigest()[:12]
