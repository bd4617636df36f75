"""Starting a chain: a flow that goes on, flow by flow, through the one that is named."""

from caravan_common.contracts import FlowDefinition
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.usecases.ports import Transaction

ALIASES = {"assess": "assessment", "plan": "planning", "execute": "execution"}


async def check_through(
    transaction: Transaction, first: FlowDefinition, through: object, pointer: str
) -> str:
    """The flow type's own name. A type that nobody has announced yet may follow: its handoff waits for it.

    Raises Refused where the announced chain ends, or comes round, before `through`.
    """
    wanted = ALIASES.get(through, through) if isinstance(through, str) else None
    way, reached = await flow_types_from(transaction, first)
    if isinstance(wanted, str) and (wanted in way or not reached):
        return wanted
    words = f"No chain leads from {first.flow_type} to {through!r}: it goes {' → '.join(way)}."
    raise Refused("unreachable_flow_type", words, status=422, pointer=pointer)


async def flow_types_from(transaction: Transaction, first: FlowDefinition) -> tuple[list[str], bool]:
    """What follows one another from it on; and whether the end is known."""
    way, following = [first.flow_type], first.next_flow_type
    while following is not None and following not in way:
        way.append(following)
        definition = await transaction.newest_definition(following)
        if definition is None:
            return way, False
        following = definition.next_flow_type
    return way, True
