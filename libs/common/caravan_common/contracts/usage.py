"""Tokens and money: what an attempt may spend, and what a run of it has spent so far."""

from pydantic import Field

from caravan_common.contracts._base import Model


class Budget(Model):
    """The slice reserved for one attempt: what is left of its flow's.

    Zero tokens means: no model, recommendations stand.
    """

    tokens: int = Field(default=0, ge=0)
    cost_usd: float | None = Field(default=None, ge=0)


class Usage(Model):
    """Cumulative for one run, per model: the newest report replaces the one before.

    `reserved_*`: of a call on its way, booked with its longest answer until it has ended. A run that died in the
    middle of a call keeps them, because nobody knows what was billed.
    """

    model: str
    prompt_version: str | None = None
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    reserved_tokens: int = 0
    reserved_cost_usd: float = 0.0

    @property
    def tokens(self) -> int:
        """What counts against a budget."""
        return self.prompt_tokens + self.completion_tokens + self.reserved_tokens
