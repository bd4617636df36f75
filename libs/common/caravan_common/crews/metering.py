"""Counts what a run's calls cost and refuses those its slice does not cover. Knows no model and no CrewAI."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caravan_common.contracts import Budget, Usage

# Pessimistic on purpose: models count 3 to 4 characters of English or JSON a token, fewer for other scripts.
_BYTES_PER_TOKEN = 3

BUDGET_SPENT = "the budget was spent"
NO_BUDGET = "there was no budget left for a model"
PRICE_UNKNOWN = "the price of the model is unknown, so its budget can't be kept"
NOT_BOOKED = "the call could not be booked with the platform"


@dataclass(frozen=True)
class Price:
    """USD per token."""

    prompt: float
    completion: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        return prompt_tokens * self.prompt + completion_tokens * self.completion


class CallRefused(RuntimeError):
    """The meter let a call not happen; its text is the reason in one phrase."""


@dataclass(frozen=True)
class Spent:
    """Totals of a run so far, over all models."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0

    def since(self, before: "Spent") -> "Spent":
        return Spent(
            self.calls - before.calls,
            self.prompt_tokens - before.prompt_tokens,
            self.completion_tokens - before.completion_tokens,
            self.cost_usd - before.cost_usd,
        )


def _ignore(_usage: tuple[Usage, ...]) -> None:
    """Usage goes nowhere in tests that don't look at it."""


def _booked(_usage: tuple[Usage, ...]) -> bool:
    """Nobody has to be told before a call is made."""
    return True


class Meter:
    """Counts calls and tokens per model and prompt version, and refuses what the slice doesn't cover.

    A call is booked with its prompt and its longest answer before it is made, and settled after it: whoever was told
    of the booking knows of every call, whatever happens to this process. `book` returns whether they were told.
    Thread-safe, because a crew that took too long can't be stopped: its thread may still call. After `close` nothing
    more is let through.
    """

    def __init__(
        self,
        budget: Budget,
        price: Price | None,
        *,
        on_usage: Callable[[tuple[Usage, ...]], None] = _ignore,
        book: Callable[[tuple[Usage, ...]], bool] = _booked,
    ) -> None:
        self._budget = budget
        self._price = price
        self._on_usage = on_usage
        self._book = book
        self._lock = threading.Lock()
        self._usage: dict[tuple[str, str | None], Usage] = {}
        # What a prompt has really cost per estimated token, at worst.
        self._underestimate = 1.0
        self._estimated = 0
        self.refusal: str | None = None
        # How the latest failed call failed, in a phrase.
        self.failure: str | None = None

    @property
    def usage(self) -> tuple[Usage, ...]:
        """Cumulative for the run, per model; the versions of several crews' prompts are joined by a plus."""
        merged: dict[str, Usage] = {}
        for each in self._usage.values():
            known = merged.get(each.model)
            merged[each.model] = each if known is None else _add_usage(known, each)
        return tuple(merged.values())

    @property
    def spent(self) -> Spent:
        """Of calls that have ended."""
        each = self._usage.values()
        return Spent(
            sum(usage.calls for usage in each),
            sum(usage.prompt_tokens for usage in each),
            sum(usage.completion_tokens for usage in each),
            sum(usage.cost_usd for usage in each),
        )

    def forget_failure(self) -> None:
        """Before a batch, so that a later error is not taken for an earlier one's."""
        self.failure = None

    def close(self, why: str) -> None:
        """Refuses every further call with this phrase."""
        self.refusal = self.refusal or why

    def admit(self, model: str, prompt_version: str | None, prompt_tokens: int, answer_tokens: int) -> None:
        """Books a call. Raises CallRefused unless prompt and longest answer fit in what is left of the slice."""
        with self._lock:
            prompt = round(prompt_tokens * self._underestimate)
            self.refusal = self.refusal or self._lack(prompt, answer_tokens)
            if self.refusal:
                raise CallRefused(self.refusal)
            self._estimated = prompt_tokens
            before = self._of(model, prompt_version)
            cost = self._price.of(prompt, answer_tokens) if self._price else 0.0
            booked = {"reserved_tokens": prompt + answer_tokens, "reserved_cost_usd": cost}
            self._usage[model, prompt_version] = before.model_copy(update=booked)
            usage = self.usage
        if not self._book(usage):
            self.close(NOT_BOOKED)
            raise CallRefused(NOT_BOOKED)

    def _lack(self, prompt_tokens: int, answer_tokens: int) -> str | None:
        if (
            sum(each.tokens for each in self._usage.values()) + prompt_tokens + answer_tokens
            > self._budget.tokens
        ):
            return BUDGET_SPENT
        if self._budget.cost_usd is None:
            return None
        if self._price is None:
            return PRICE_UNKNOWN
        cost = sum(each.cost_usd + each.reserved_cost_usd for each in self._usage.values())
        exceeds = cost + self._price.of(prompt_tokens, answer_tokens) > self._budget.cost_usd
        return BUDGET_SPENT if exceeds else None

    def record(
        self, model: str, prompt_version: str | None, prompt_tokens: int, completion_tokens: int
    ) -> None:
        """Settles a call with what it cost and reports the cumulative usage."""
        cost = self._price.of(prompt_tokens, completion_tokens) if self._price else 0.0
        with self._lock:
            if self._estimated:
                self._underestimate = max(self._underestimate, prompt_tokens / self._estimated)
            before = self._of(model, prompt_version)
            self._usage[model, prompt_version] = before.model_copy(
                update={
                    "calls": before.calls + 1,
                    "prompt_tokens": before.prompt_tokens + prompt_tokens,
                    "completion_tokens": before.completion_tokens + completion_tokens,
                    "cost_usd": before.cost_usd + cost,
                    "reserved_tokens": 0,
                    "reserved_cost_usd": 0.0,
                }
            )
            usage = self.usage
        self._on_usage(usage)

    def _of(self, model: str, prompt_version: str | None) -> Usage:
        known = self._usage.get((model, prompt_version))
        return known or Usage(model=model, prompt_version=prompt_version)


def _add_usage(one: Usage, other: Usage) -> Usage:
    """The store keeps one row per run and model, so a phase with two crews must report one."""
    versions = [version for version in (one.prompt_version, other.prompt_version) if version]
    sums = {
        name: getattr(one, name) + getattr(other, name)
        for name in Usage.model_fields
        if name not in ("model", "prompt_version")
    }
    return one.model_copy(update={"prompt_version": "+".join(versions) or None, **sums})


def estimate_tokens(messages: str | Sequence[Mapping[str, Any]]) -> int:
    """Tokens of a text or of messages with `content`, rather too many than too few."""
    texts = [messages] if isinstance(messages, str) else [str(each.get("content") or "") for each in messages]
    return sum(4 + len(text.encode()) // _BYTES_PER_TOKEN for text in texts)
