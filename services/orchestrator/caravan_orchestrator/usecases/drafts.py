"""The working copy of a locked flow."""

from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.usecases.ports import Transaction


async def open_draft(transaction: Transaction, flow: Flow) -> Draft:
    """By the definition that the flow was created with, at the transaction's time."""
    definition = await transaction.definition(flow.flow_type, flow.definition_version)
    return Draft(flow, definition, transaction.now)
