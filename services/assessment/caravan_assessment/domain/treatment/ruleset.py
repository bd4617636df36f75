"""The ruleset as data: read once, its version in every result."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True)
class Span:
    """Where a parameter suits an option, and what it weighs."""

    option: str
    parameter: str
    lowest: float
    highest: float
    weight: float


class RulesetIsInvalid(ValueError):
    """The text says what to put right."""


class Ruleset:
    """`data` is the document as it stands; what the code reads often has a name."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.version = str(data["version"])
        self.parameters: tuple[str, ...] = tuple(data["parameters"])
        self.options: tuple[str, ...] = tuple(data["order"])
        self._check()

    def _check(self) -> None:
        for option in self.data["options"]:
            total = sum(span.weight for span in self.spans() if span.option == option)
            if abs(total - 1.0) > 1e-9:
                raise RulesetIsInvalid(f"the weights of {option} sum to {total:.3f}; make it 1")
        if set(self.options) != set(self.data["options"]):
            raise RulesetIsInvalid("order and options name different treatments; name each in both")

    def spans(self) -> Iterator[Span]:
        """Each option's range and weight of each parameter."""
        for option, told in self.data["options"].items():
            for parameter, (lowest, highest, weight) in told["suits"].items():
                yield Span(option, parameter, lowest, highest, weight)

    def words(self, kind: str) -> list[str]:
        """The vocabulary of one kind, lower case."""
        return [str(word).lower() for word in self.data["vocabulary"][kind]]

    def needs(self, option: str) -> str | None:
        """own_source, equal_service, unused, or nothing."""
        need: str | None = self.data["options"][option].get("needs")
        return need


@cache
def load_ruleset() -> Ruleset:
    """The ruleset shipped with the service."""
    text = files("caravan_assessment.domain.treatment").joinpath("data/ruleset.yaml").read_text("utf-8")
    return Ruleset(yaml.safe_load(text))
