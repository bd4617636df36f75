"""One history: a world built from a seed, faults for a while, then calm until everything has come to rest."""

from contextlib import ExitStack
from typing import Any
from unittest.mock import patch
from uuid import UUID

from caravan_common.contracts import Command
from caravan_orchestrator.domain.control import new_phases, start_flow
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.domain.states import FlowStatus
from tests.simulation.broker import Broker
from tests.simulation.database import Server
from tests.simulation.faults import Faults
from tests.simulation.kernel import Bell, Future, Kernel, Process
from tests.simulation.occurrences import OCCURRENCES
from tests.simulation.orchestrator import SimOrchestrator
from tests.simulation.outside import Outside
from tests.simulation.people import Operator, settling_order
from tests.simulation.sample import DEFINITION, NEXT_TYPE, QUICK, TENANTS, WINDOWS
from tests.simulation.substitutes import substitutes
from tests.simulation.tables import Tables
from tests.simulation.watch import Watch
from tests.simulation.worker import SimWorker

AT_REST = (FlowStatus.COMPLETED, FlowStatus.CANCELLED, FlowStatus.ROLLED_BACK)
PATIENCE = 3 * 3600.0
MOST_STEPS = 60_000
CANCELS_ARRIVE = 25.0
# Of so many histories one is about flows that grow from each other.
CHAINS_EVERY = 10


class World:
    """Everything there is. `run` plays the history; `watch.breaches` is its outcome."""

    def __init__(
        self, seed: int, *, trace: bool = False, ack_first: bool = False, focus: str | None = None
    ) -> None:
        self.seed, self.ack_first = seed, ack_first
        self.kernel = Kernel(seed, trace=trace)
        focus = focus or ("chains" if seed % CHAINS_EVERY == CHAINS_EVERY - 1 else None)
        self.faults = Faults(self.kernel.rng, focus)
        self.tables = Tables(self.kernel)
        self.server = Server(self.kernel, self.tables, self.faults)
        self.window = self.kernel.rng.choice(WINDOWS)
        # With an even seed a command that vanished waits for its flow's wake-up, which has to work as well.
        self.redelivers = seed % 2 == 1
        self.run_epochs: dict[UUID, int] = {}
        self.broker = Broker(self.kernel, self.faults)
        self.outside = Outside(lambda flow_id: self.tables.grown_from(flow_id)[1:])
        self.watch = Watch(self)
        self.server.before_commit, self.server.after_commit = self.watch.before_commit, self.after_commit
        self.bells: dict[str, tuple[Bell, ...]] = {}
        self._ids = 0
        self._leases = Future()
        self._flow_names: dict[UUID, str] = {}
        self._actors = 0
        self.orchestrators: list[SimOrchestrator] = []
        self.workers: list[SimWorker] = []

    def new_id(self) -> UUID:
        """Like a UUIDv7: later ones sort higher."""
        self._ids += 1
        return UUID(int=(int(self.kernel.now * 1000) + 1 << 80) + self._ids)

    def name(self, command: Command) -> str:
        what: Any = command
        unit = f" {what.unit.key}" if hasattr(what, "unit") else ""
        kind = type(command).__name__
        phase = getattr(what, "phase", "")
        return f"{kind} {phase}{unit} #{command.attempt_id.int & 0xFFFF:x}/{command.epoch}"

    def flow_name(self, flow_id: UUID) -> str:
        return self._flow_names.setdefault(flow_id, f"flow {len(self._flow_names) + 1}")

    def lease_bell(self, process: Process) -> Future:
        """Resolves when a lease is written."""
        return self._leases

    def after_commit(self, decisions: Any) -> None:
        self.watch.after_commit(decisions)
        if any(lease.seconds is not None for decision in decisions for lease in decision.leases):
            self._leases.set()
            self._leases = Future()
        for bells in self.bells.values():
            for bell in bells:
                bell.ring()

    # Building

    def next_name(self, kind: str, mark: str = " ") -> str:
        """Whoever is started anew has a new name."""
        self._actors += 1
        return f"{kind}{mark}{self._actors}"

    def start_orchestrator(self, index: int) -> None:
        orchestrator = SimOrchestrator(self, self.next_name(f"orchestrator {index}", "."))
        if index < len(self.orchestrators):
            self.orchestrators[index] = orchestrator
        else:
            self.orchestrators.append(orchestrator)

    def start_worker(self, index: int) -> None:
        worker = SimWorker(self, self.next_name(f"worker {index}", "."))
        if index < len(self.workers):
            self.workers[index] = worker
        else:
            self.workers.append(worker)

    def create_flow(self) -> None:
        rng = self.kernel.rng
        definition = QUICK if self.faults.focus is None and rng.random() < 0.4 else DEFINITION
        id_ = self.new_id()
        self._flow_names[id_] = f"flow {len(self._flow_names) + 1}"
        flow = Flow(
            id=id_,
            tenant=rng.choice(TENANTS),
            flow_type=definition.flow_type,
            definition_version=definition.version,
            name=self._flow_names[id_],
            status=FlowStatus.DRAFT,
            estate_id=id_,
            auto_advance=self.faults.focus is not None or rng.random() < 0.9,
            auto_accept=self.faults.focus is not None or rng.random() < 0.5,
            phases=new_phases(definition),
            configuration={"through": NEXT_TYPE} if rng.random() < self._going_on() else {},
        )
        self.tables.insert_flow(flow)
        draft = Draft(flow, definition, self.tables.time())
        start_flow(draft, "op")
        decision = draft.decision()
        self.watch.before_commit([decision])
        self.tables.apply([decision])
        self.after_commit([decision])

    def _going_on(self) -> float:
        return 0.2 if self.faults.focus == "chains" else 0.7

    # Playing

    def run(self) -> list[str]:
        with ExitStack() as patches:
            for where, name, instead in substitutes(self):
                patches.enter_context(patch.object(where, name, instead))
            self._play()
            for process in self.kernel.processes:
                process.end()
        return self.breaches()

    def _play(self) -> None:
        kernel, rng = self.kernel, self.kernel.rng
        for index in range(2):
            self.start_orchestrator(index)
        for index in range(3):
            self.start_worker(index)
        for _ in range(rng.choice((1, 2, 3))):
            self.create_flow()
        self._begin_faults()
        if self.faults.focus == "chains":
            self._grow_now_and_then()
        kernel.run((100 if self.faults.focus else 40) + 100 * rng.random(), self._is_breached)
        self._become_calm()
        while not self._is_breached() and kernel.now < PATIENCE and not self.is_quiet():
            kernel.run(kernel.now + 5.0, self._is_breached)
            self._settle()
        if not self._is_breached():
            self._check_the_end()

    def breaches(self) -> list[str]:
        faults = [f"{where} failed: {error!r}" for where, error in self.kernel.faults]
        return [*self.watch.breaches, *self.outside.breaches, *faults]

    def _is_breached(self) -> bool:
        if self.kernel.steps > MOST_STEPS:
            self.watch.breach("it never comes to rest")
        return bool(self.watch.breaches or self.outside.breaches or self.kernel.faults)

    def _begin_faults(self) -> None:
        if "crash_at_step" in self.faults.chosen:
            self.kernel.crash_chance = 0.001
            self.kernel.later(1.0, self.restart_the_dead)
        for name in sorted(self.faults.chosen):
            self._plan(name)

    def _plan(self, name: str) -> None:
        mean = self.faults.every(name) if name in OCCURRENCES else None
        if mean is not None:
            self.kernel.later(self.kernel.rng.expovariate(1 / mean), self._happen, name)

    def _happen(self, name: str) -> None:
        if self.faults.calm:
            return
        OCCURRENCES[name](self)
        self._plan(name)

    def _grow_now_and_then(self) -> None:
        completed = [r.base.id for r in self.tables.flows.values() if r.base.status is FlowStatus.COMPLETED]
        if completed:
            self.order(
                "grow", completed[-1] if self.kernel.random() < 0.5 else self.kernel.rng.choice(completed)
            )
        if not self.faults.calm:
            self.kernel.later(self.kernel.rng.expovariate(1 / 3.0), self._grow_now_and_then)

    def restart_the_dead(self) -> None:
        for index, orchestrator in enumerate(self.orchestrators):
            if not orchestrator.process.alive:
                self.start_orchestrator(index)
        for index, worker in enumerate(self.workers):
            if not worker.process.alive or (worker.stopping and not len(worker.runs)):
                worker.process.crash()
                self.start_worker(index)
        if not self.faults.calm:
            self.kernel.later(1.0 + 5 * self.kernel.random(), self.restart_the_dead)

    def _become_calm(self) -> None:
        self.kernel.log("world", "calm begins")
        self.faults.stop()
        self.kernel.crash_chance = 0.0
        self.server.down_until = self.broker.blocked_until = self.kernel.now
        self.restart_the_dead()
        for actor in (*self.orchestrators, *self.workers):
            actor.bus.reconnect()
        self.kernel.later(CANCELS_ARRIVE, self._look_for_stale_runs, self.kernel.now)

    def _look_for_stale_runs(self, since: float) -> None:
        """By now every run has had a heartbeat, and an answer to it if nobody waits for it."""
        if any(actor.process.frozen_until > since for actor in (*self.orchestrators, *self.workers)):
            return
        for worker in self.workers:
            for run in worker.runs:
                command: Any = run.command
                attempt = self.tables.flows[command.flow_id].attempts[command.attempt_id]
                waited_for = (
                    attempt.is_open and attempt.epoch == command.epoch and attempt.run_id == run.run_id
                )
                if run.working and not waited_for and getattr(run, "began_at", since) < since:
                    self.watch.breach("a run nobody waits for goes on: {}", type(command).__name__)

    def _settle(self) -> None:
        self.restart_the_dead()
        for flow_id, rows in list(self.tables.flows.items()):
            order = settling_order(rows.base)
            if order is not None:
                self.order(order, flow_id)

    def order(self, name: str, flow_id: UUID) -> Operator:
        operator = Operator(self, self.next_name("operator"))
        operator.process.spawn(operator.act(name, flow_id))
        return operator

    def is_quiet(self) -> bool:
        """Everything has come to rest, and nothing is on its way any more."""
        flows = all(
            rows.base.status in AT_REST
            and not any(a.is_open for a in rows.attempts.values())
            and not any(handoff.is_open for handoff in rows.handoffs.values())
            for rows in self.tables.flows.values()
        )
        queues = not any(q.ready for q in self.broker.queues.values()) and not self.broker.underway
        return flows and queues and not self.tables.outbox and not any(len(w.runs) for w in self.workers)

    def _check_the_end(self) -> None:
        breach = self.watch.breach
        for rows in self.tables.flows.values():
            name, status = self.flow_name(rows.base.id), rows.base.status
            open_ = [
                f"{a.kind} {a.phase} {a.unit_key or ''} {a.status}"
                for a in rows.attempts.values()
                if a.is_open
            ]
            open_ += [f"handoff {each.status}" for each in rows.handoffs.values() if each.is_open]
            if status not in AT_REST or open_:
                breach("{} is stuck: {} {} {}", name, status, rows.base.reason, open_)
            if status is FlowStatus.ROLLED_BACK:
                self.watch.check_nothing_remains(rows.base.id)
        if self.tables.outbox:
            breach("the outbox was not drained: {}", sorted({r.type for r in self.tables.outbox.values()}))
        for worker in self.workers:
            for run in worker.runs:
                breach("a run nobody waits for goes on: {}", self.name(run.command))
        for message in self.broker.dropped:
            breach("a dead {} vanished without being parked", message.type)
