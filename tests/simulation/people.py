"""Operators: random orders while things fail, and a patient one who brings every flow to rest when calm has come."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from caravan_common.contracts import DecisionKind
from caravan_orchestrator.domain import control, edits, handoffs, people
from caravan_orchestrator.domain.cascade import RollbackOrder
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.domain.states import FlowStatus
from caravan_orchestrator.usecases import changes, rollbacks
from tests.simulation.database import DatabaseAway, Session
from tests.simulation.kernel import Process
from tests.simulation.sample import DEFINITIONS, EFFECTFUL, IRREVERSIBLE
from tests.simulation.tables import StoredEdit

if TYPE_CHECKING:
    from tests.simulation.world import World

_ACTIONS = (
    ("pause", 3),
    ("resume", 3),
    ("cancel", 2),
    ("retry", 3),
    ("execute", 5),
    ("refresh", 5),
    ("answer", 5),
    ("override", 2),
    ("edit", 4),
    ("accept", 4),
    ("discard", 1),
    ("restore", 2),
    ("roll_back_phase", 5),
    ("roll_back_flow", 3),
    ("roll_back_cascade", 2),
    ("roll_back_cascade_phase", 3),
    ("skip", 1),
    ("hand_over", 2),
)
_NAMES = tuple(name for name, weight in _ACTIONS for _ in range(weight))
_AROUND_CHAINS = (
    *("roll_back_cascade", "roll_back_cascade_phase", "roll_back_cascade", "roll_back_cascade_phase"),
    *("roll_back_flow", "roll_back_phase", "execute", "execute_next", "retry", "cancel", "grow"),
)
# Of a flow that nothing has grown from, a cascade is a rollback like any other. One that was rolled back alone keeps
# its handoff: it is carried on, or another takes its place, and never both.
_WITHOUT_CHILDREN = (
    "grow",
    "grow",
    "grow",
    "retry",
    "retry",
    "execute_next",
    "execute_next",
    "roll_back_flow",
)
_MOST_FLOWS, _MOST_CHILDREN, _DEEPEST = 7, 2, 3
# A flow is run anew with what people decided, and what it has handed over with it.
_AROUND_PACKAGES = ("override", "override", "refresh", "refresh", "execute", "answer", "hand_over")
_AROUND_EFFECTS = ("roll_back_flow", "roll_back_phase", "execute_next", "retry", "pause", "resume")


class Operator:
    """One request at a time, each in a process of its own that may be killed half-way."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.process = Process(world.kernel, name)
        self.session = Session(world.server, self.process)

    async def act(self, name: str, flow_id: UUID) -> None:
        """Refusals and a database that is away are answers, not failures."""
        if not hasattr(self, f"_{name}"):
            raise ValueError(f"nobody can order {name!r}")
        try:
            await getattr(self, f"_{name}")(flow_id)
            self.world.kernel.log(self.process.name, "{} {}: done", name, self.world.flow_name(flow_id))
        except Refused as refusal:
            self.world.kernel.log(
                self.process.name, "{} {}: {}", name, self.world.flow_name(flow_id), refusal.code
            )
        except DatabaseAway as error:
            self.world.kernel.log(self.process.name, "{} {}: {}", name, self.world.flow_name(flow_id), error)
        self.world.kernel.later(0, self.process.end)

    async def act_at_random(self, flow_id: UUID) -> None:
        chains = _AROUND_CHAINS if self.world.tables.children(flow_id) else _WITHOUT_CHILDREN
        around = {"effects": _AROUND_EFFECTS, "chains": chains, "packages": _AROUND_PACKAGES}
        names = around.get(self.world.faults.focus or "", _NAMES)
        await self.act(self.world.kernel.rng.choice(names), flow_id)

    async def _order(self, flow_id: UUID, order: Callable[[Draft], Any], *, everything: bool = False) -> None:
        tenant = self.world.tables.flows[flow_id].base.tenant
        version = self.world.tables.flows[flow_id].base.lock_version
        async with self.session.transaction(tenant) as transaction:
            wanted = version if self.world.kernel.random() < 0.2 else None
            await changes.change_flow(transaction, flow_id, order, everything=everything, version=wanted)

    async def _pause(self, flow_id: UUID) -> None:
        tenant = self.world.tables.flows[flow_id].base.tenant
        async with self.session.transaction(tenant) as transaction:
            await changes.pause(
                transaction, flow_id, lambda draft, withdrawn: control.pause_flow(draft, "op", withdrawn)
            )

    async def _cancel(self, flow_id: UUID) -> None:
        tenant = self.world.tables.flows[flow_id].base.tenant
        async with self.session.transaction(tenant) as transaction:
            await changes.pause(transaction, flow_id, lambda draft, _: control.cancel_flow(draft, "op"))

    async def _resume(self, flow_id: UUID) -> None:
        await self._order(flow_id, lambda draft: control.resume_flow(draft, "op"))

    async def _retry(self, flow_id: UUID) -> None:
        await self._order(flow_id, lambda draft: control.retry_flow(draft, "op"))

    async def _skip(self, flow_id: UUID) -> None:
        await self._order(
            flow_id,
            lambda draft: control.skip_phase(draft, "op", draft.flow.phases[-1].name, "not needed"),
        )

    async def _hand_over(self, flow_id: UUID) -> None:
        await self._order(flow_id, lambda draft: handoffs.request_handoff(draft, "op", None))

    def _any_phase(self, flow_id: UUID) -> str:
        flow_type = self.world.tables.flows[flow_id].base.flow_type
        return self.world.kernel.rng.choice(DEFINITIONS[flow_type].phase_names)

    async def _execute(self, flow_id: UUID) -> None:
        phase = self._any_phase(flow_id)
        await self._order(flow_id, lambda draft: control.execute_phase(draft, "op", phase))

    async def _refresh(self, flow_id: UUID) -> None:
        await self._order(flow_id, lambda draft: control.refresh_flow(draft, "op"))

    async def _execute_next(self, flow_id: UUID) -> None:
        await self._order(flow_id, _execute_next)

    async def _override(self, flow_id: UUID) -> None:
        phase = self._any_phase(flow_id)
        await self._order(
            flow_id,
            lambda draft: people.record_decision(
                draft, kind=DecisionKind.OVERRIDE, phase=phase, subject="s", value=1, old=None, actor="op"
            ),
        )

    async def _edit(self, flow_id: UUID) -> None:
        def order(draft: Draft) -> None:
            shown = [d for d in draft.flow.datasets if d.manifest.name in ("rows", "plan")]
            if not shown:
                raise Refused("not_found", "There is no plan yet.")
            edits.ask_edit(draft, plan=shown[-1].id, edits=[{"move": {"wave": 1}}], actor="op")

        await self._order(flow_id, order)

    async def _accept(self, flow_id: UUID) -> None:
        """One that is answered and that nobody has settled, under the flow's lock."""
        await self._settle(flow_id, "accepted", lambda id_, edit: edit.answers > 0)

    async def _discard(self, flow_id: UUID) -> None:
        await self._settle(flow_id, "discarded", lambda id_, edit: True)

    async def _settle(self, flow_id: UUID, outcome: str, wanted: Callable[[UUID, StoredEdit], bool]) -> None:
        rows = self.world.tables.flows[flow_id]
        async with self.session.transaction(rows.base.tenant) as transaction:
            await changes.locked_flow(transaction, flow_id)
            found = [(i, e) for i, e in rows.edits.items() if e.outcome is None and wanted(i, e)]
            if not found:
                raise Refused("not_found", "Nothing is to be settled.")
            id_, edit = self.world.kernel.rng.choice(found)

            def order(draft: Draft) -> None:
                if outcome == "discarded":
                    edits.drop_edit(draft, edit_id=id_, actor="op")
                    return
                edits.accept_edit(
                    draft, edit_id=id_, plan=edit.plan, edits=edit.edits, result={}, actor="op", reason=None
                )

            await changes.change_flow(transaction, flow_id, order)
            await transaction.settle(edit, outcome)

    async def _restore(self, flow_id: UUID) -> None:
        """Any version that was ever made."""
        rows = self.world.tables.flows[flow_id]
        made = [(id_, d) for id_, all_ in rows.datasets.items() for d in all_ if d.phase == "ask"]
        if not made:
            raise Refused("not_found", "There is no version yet.")
        attempt, plan = self.world.kernel.rng.choice(made)

        def order(draft: Draft) -> None:
            edits.restore_plan(draft, plan=plan.id, made_by=attempt, actor="op", reason=None)

        await self._order(flow_id, order, everything=True)

    async def _answer(self, flow_id: UUID) -> None:
        """The first open question."""
        rows = self.world.tables.flows[flow_id]
        question = next((q for q in rows.questions if q.status == "open"), None)
        if question is None:
            raise Refused("no_question", "Nothing is asked.")
        async with self.session.transaction(rows.base.tenant) as transaction:
            await changes.locked_flow(transaction, flow_id)
            if not await transaction.answer(flow_id, question.phase, question.key):
                raise Refused("answered", "It has been answered.")
            await changes.change_flow(
                transaction,
                flow_id,
                lambda draft: people.answer_question(
                    draft,
                    phase=question.phase,
                    key=question.key,
                    blocking=question.blocking,
                    option="yes",
                    old=None,
                    actor="op",
                    reason=None,
                ),
            )

    async def _roll_back_phase(self, flow_id: UUID) -> None:
        await self._roll_back(flow_id, "phase", self._any_phase(flow_id))

    async def _roll_back_flow(self, flow_id: UUID) -> None:
        await self._roll_back(flow_id, "flow", None)

    async def _roll_back_cascade(self, flow_id: UUID) -> None:
        await self._roll_back(flow_id, "cascade", None)

    async def _roll_back_cascade_phase(self, flow_id: UUID) -> None:
        await self._roll_back(flow_id, "cascade", self._any_phase(flow_id))

    async def _roll_back(self, flow_id: UUID, kind: str, phase: str | None) -> None:
        """Plans in one request and starts in another; in between anything may happen."""
        tenant = self.world.tables.flows[flow_id].base.tenant
        async with self.session.transaction(tenant) as transaction:
            planned = await rollbacks.plan(transaction, flow_id, kind, phase)
        digest = planned.describe()["digest"]
        # Where children are at work, a plan is soon stale.
        slowly = self.world.faults.focus != "chains" or self.world.kernel.random() < 0.5
        await self.process.sleep(self.world.kernel.random() * (2 if slowly else 0.02))
        async with self.session.transaction(tenant) as transaction:
            order = RollbackOrder(kind, phase, digest, "op", "wanted", accepted=(IRREVERSIBLE,))
            await rollbacks.start(transaction, flow_id, order)

    async def _grow(self, flow_id: UUID) -> None:
        """One more flow, of any other type that has effects; while one of that type lives, that one is told."""
        tables, rng = self.world.tables, self.world.kernel.rng
        own = tables.flows[flow_id].base.flow_type
        standing = [c for c in tables.children(flow_id) if c.base.status is not FlowStatus.ROLLED_BACK]
        if (
            len(tables.flows) >= _MOST_FLOWS
            or len(standing) >= _MOST_CHILDREN
            or self.world.watch.depth(flow_id) >= _DEEPEST
        ):
            raise Refused("enough", "There are enough flows.")
        target = rng.choice([each for each in EFFECTFUL if each != own])
        await self._order(flow_id, lambda draft: handoffs.request_handoff(draft, "op", target))

    async def _start(self, flow_id: UUID) -> None:
        await self._order(flow_id, _start_draft)


def _execute_next(draft: Draft) -> None:
    following = next((p for p in draft.flow.phases if p.status not in ("completed", "skipped")), None)
    if following is None:
        raise Refused("nothing_left", "Every phase is done.")
    control.execute_phase(draft, "op", following.name)


def _start_draft(draft: Draft) -> None:
    if draft.flow.status is not FlowStatus.DRAFT:
        raise Refused("started", "It is no draft.")
    control.start_flow(draft, "op")


def settling_order(flow: Flow) -> str | None:
    """What the patient operator does about a flow that waits for somebody; null: nothing."""
    if flow.status is FlowStatus.DRAFT:
        return "start"
    if flow.paused_at is not None:
        return "resume"
    if flow.status is FlowStatus.FAILED:
        return "retry"
    if flow.status is FlowStatus.ROLLING_BACK and flow.reason == "operator":
        return "retry"
    if flow.status is FlowStatus.WAITING:
        return {"questions": "answer", "rolled_back": "execute_next", "execute": "execute_next"}.get(
            flow.reason or ""
        )
    return None
