"""What crews of a flow may still spend: what was reported of any run is spent, whatever became of it."""

from collections.abc import Collection, Mapping
from typing import Any

from caravan_common.contracts import Budget
from caravan_orchestrator.domain.model import Flow, Spending

TOKENS, COST, BY_PHASE = "budget_tokens", "budget_usd", "phase_budgets"


def slice_for(flow: Flow, phase: str, spent: Collection[Spending]) -> Budget:
    """All that is left, for the one phase that runs: of the flow's tokens and money, of the phase's own tokens, and of
    the client's quota, which is reserved until the attempt ends.

    No tokens named for the flow: none at all. A run books each call before it makes it, so `spent` includes what runs
    that died were about to spend, and the stated figures hold over retries, crashes and new attempts.
    """
    settings = flow.configuration
    tokens = _whole(settings.get(TOKENS)) - sum(each.tokens for each in spent)
    own: Any = settings.get(BY_PHASE)
    if isinstance(own, Mapping) and phase in own:
        tokens = min(tokens, _whole(own[phase]) - sum(each.tokens for each in spent if each.phase == phase))
    if flow.quota_left is not None:
        told_since = sum(each.tokens for each in spent) - sum(each.tokens for each in flow.spending)
        tokens = min(tokens, flow.quota_left - told_since)
    cost = settings.get(COST)
    left = None if cost is None else max(0.0, float(cost) - sum(each.cost_usd for each in spent))
    return Budget(tokens=max(0, tokens), cost_usd=left)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
