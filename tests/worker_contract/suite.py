"""The worker contract: one scenario per promise of an attempt's life. Inherit it with `service` and `open_bus`."""

import re
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from caravan_common.contracts import (
    AttemptAbandoned,
    AttemptHeartbeat,
    AttemptStarted,
    CancelAttempt,
    ErrorKind,
    FlowTypeAnnounced,
    PhaseCompleted,
    PhaseFailed,
)
from tests.worker_contract.bench import HELD_SECONDS, HOLD_SECONDS, SHORT_LEASE_SECONDS, Bench
from tests.worker_contract.fixtures import OpenBench, OpenBus
from tests.worker_contract.units import UnitContract

__all__ = ["OpenBus", "WorkerContract"]

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE_ID = TRACEPARENT.split("-")[1]


class WorkerContract(UnitContract):
    """`service` is the service under test; probe phases are added to it. `open_bus` is a fixture of the file."""

    async def test_the_service_announces_its_definition_with_its_digest(self, bench: Bench) -> None:
        announced = await bench.get(FlowTypeAnnounced)
        assert announced.definition == bench.service.definition
        assert announced.digest == bench.service.definition.digest()

    async def test_a_short_attempt_is_answered_by_one_message_and_then_acked(
        self, open_bench: OpenBench
    ) -> None:
        bench = await open_bench(hold_seconds=HELD_SECONDS)
        command = bench.phase("noop")
        bench.send(command)
        completed = await bench.get(PhaseCompleted, command)
        assert completed.epoch == 1
        assert completed.worker == "worker-1"
        assert not bench.of(AttemptStarted, command)
        await self._nothing_comes_back(bench)
        assert len(bench.of(PhaseCompleted, command)) == 1

    async def test_a_long_attempt_is_started_acked_and_kept_alive_with_its_progress(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        command = bench.phase("slow", configuration={"until": str(tmp_path / "go")})
        bench.send(command)
        await bench.get(AttemptHeartbeat, command)
        kinds = [type(message) for message, _ in bench.received]
        assert kinds.index(AttemptStarted) < kinds.index(AttemptHeartbeat)
        await bench.until(lambda: len(bench.of(AttemptHeartbeat, command)) > 2, "three heartbeats")
        assert bench.of(AttemptHeartbeat, command)[-1].fraction == 0.5
        await self._nothing_comes_back(bench)
        assert not bench.of(PhaseCompleted, command)
        (tmp_path / "go").touch()
        completed = await bench.get(PhaseCompleted, command)
        assert {m.run_id for m in bench.of(AttemptHeartbeat, command)} == {completed.run_id}

    async def test_a_command_that_comes_twice_while_it_runs_is_run_once(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        configuration = {"until": str(tmp_path / "go"), "pid": str(tmp_path / "pids")}
        command = bench.phase("slow", configuration=configuration)
        bench.send(command)
        bench.send(command)
        await bench.get(AttemptHeartbeat, command)
        (tmp_path / "go").touch()
        await bench.get(PhaseCompleted, command)
        await self._nothing_comes_back(bench)
        assert len((tmp_path / "pids").read_text().split()) == 1
        assert len(bench.of(PhaseCompleted, command)) == 1

    async def test_a_command_that_comes_again_after_its_reply_is_not_run_again(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        """Its reply is said again, the same message, in case the broker has lost it."""
        (tmp_path / "go").touch()
        configuration = {"until": str(tmp_path / "go"), "pid": str(tmp_path / "pids")}
        command = bench.phase("slow", configuration=configuration)
        bench.send(command)
        await bench.get(PhaseCompleted, command)
        bench.send(command)
        await bench.until(lambda: len(bench.of(PhaseCompleted, command)) == 2, "the reply once more")
        await self._nothing_comes_back(bench)
        assert len((tmp_path / "pids").read_text().split()) == 1
        assert len({reply.message_id for reply in bench.of(PhaseCompleted, command)}) == 1

    async def test_the_end_of_a_long_run_is_logged_with_its_flow_and_trace(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        command = bench.phase("slow", configuration={"until": str(tmp_path / "go")})
        with capture_logs() as lines:
            bench.send(command, {"traceparent": TRACEPARENT})
            await bench.get(AttemptHeartbeat, command)
            (tmp_path / "go").touch()
            await bench.until(lambda: any(e["event"] == "worker.run_ended" for e in lines), "its line")
        (told,) = [line for line in lines if line["event"] == "worker.run_ended"]
        assert (told["flow_id"], told["trace_id"]) == (str(command.flow_id), TRACE_ID)
        assert (told["phase"], told["reply"], told["code"]) == ("slow", "PhaseCompleted", None)

    async def test_a_child_killed_in_the_middle_fails_the_attempt_so_that_it_can_be_retried(
        self, bench: Bench
    ) -> None:
        command = bench.phase("crash")
        with capture_logs() as lines:
            bench.send(command)
            failed = await bench.get(PhaseFailed, command)
        assert (failed.error.kind, failed.error.code) == (ErrorKind.RETRIABLE, "child_died")
        (told,) = [line for line in lines if line["event"] == "worker.child_killed"]
        assert (told["flow_id"], told["phase"]) == (str(command.flow_id), "crash")
        again = bench.phase("noop")
        bench.send(again)
        await bench.get(PhaseCompleted, again)

    async def test_a_phase_fails_in_its_own_words_when_it_has_any(self, bench: Bench) -> None:
        command = bench.phase("failing", configuration={"kind": "permanent"})
        bench.send(command)
        error = (await bench.get(PhaseFailed, command)).error
        assert (error.kind, error.code, error.message) == (
            ErrorKind.PERMANENT,
            "bad_row",
            "Row 7 has no name; give it one.",
        )
        assert error.at is not None
        assert error.at.row == 7

    @pytest.mark.parametrize(
        ("phase", "code"),
        [
            ("failing", "unexpected"),
            ("memory", "out_of_memory"),
            ("exits", "unexpected"),
            ("panics", "unexpected"),
            ("no_json", "unexpected"),
        ],
    )
    async def test_whatever_else_a_phase_raises_is_retriable_and_one_line(
        self, bench: Bench, phase: str, code: str
    ) -> None:
        command = bench.phase(phase)
        bench.send(command)
        error = (await bench.get(PhaseFailed, command)).error
        assert (error.kind, error.code) == (ErrorKind.RETRIABLE, code)
        assert "\n" not in error.message

    @pytest.mark.parametrize(
        ("kind", "body"), [("ExecutePhase", b"not json"), ("Nonsense", b"{}"), ("AttemptStarted", b"{}")]
    )
    async def test_poison_is_parked_at_once_and_the_queue_goes_on(
        self, bench: Bench, kind: str, body: bytes
    ) -> None:
        bench.send_raw(kind, body)
        after = bench.phase("noop")
        bench.send(after)
        await bench.get(PhaseCompleted, after)
        await bench.until(lambda: len(bench.dead) == 1, "a dead letter")
        assert bench.dead[0].body == body

    async def test_an_unknown_phase_is_a_permanent_failure(self, bench: Bench) -> None:
        command = bench.phase("never_heard_of")
        bench.send(command)
        error = (await bench.get(PhaseFailed, command)).error
        assert (error.kind, error.code) == (ErrorKind.PERMANENT, "phase_unknown")

    @pytest.mark.parametrize("held", [True, False])
    async def test_a_cancelled_attempt_ends_within_two_seconds_and_says_so(
        self, open_bench: OpenBench, tmp_path: Path, held: bool
    ) -> None:
        bench = await open_bench(hold_seconds=HELD_SECONDS if held else HOLD_SECONDS)
        configuration = {"until": str(tmp_path / "never"), "pid": str(tmp_path / "pid")}
        command = bench.phase("slow", configuration=configuration)
        bench.send(command)
        pid = await bench.pid_in(tmp_path / "pid")
        if not held:
            await bench.get(AttemptHeartbeat, command)
        await bench.cancel(CancelAttempt(attempt_id=command.attempt_id, epoch=1, reason="asked to"))
        failed = await bench.get(PhaseFailed, command, within=2)
        assert failed.error.kind is ErrorKind.CANCELLED
        await bench.is_gone(pid)
        await self._nothing_comes_back(bench)

    async def test_a_cancel_meant_for_another_run_changes_nothing(self, bench: Bench, tmp_path: Path) -> None:
        command = bench.phase("slow", epoch=2, configuration={"until": str(tmp_path / "go")})
        bench.send(command)
        started = await bench.get(AttemptStarted, command)
        other = CancelAttempt(attempt_id=command.attempt_id, epoch=2, run_id=command.flow_id)
        await bench.cancel(other)
        await bench.cancel(CancelAttempt(attempt_id=command.attempt_id, epoch=1))
        beats = len(bench.of(AttemptHeartbeat, command))
        await bench.until(lambda: len(bench.of(AttemptHeartbeat, command)) > beats + 1, "two more heartbeats")
        (tmp_path / "go").touch()
        assert (await bench.get(PhaseCompleted, command)).run_id == started.run_id

    async def test_grandchildren_die_with_their_attempt_even_in_a_session_of_their_own(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        command = bench.phase("grandchild", configuration={"pid": str(tmp_path / "pid")})
        bench.send(command)
        pid = await bench.pid_in(tmp_path / "pid")
        await bench.cancel(CancelAttempt(attempt_id=command.attempt_id, epoch=1))
        await bench.get(PhaseFailed, command)
        await bench.is_gone(pid)

    async def test_an_attempt_over_its_time_is_ended_and_can_be_retried(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        configuration = {"until": str(tmp_path / "never"), "pid": str(tmp_path / "pid")}
        command = bench.phase("slow", configuration=configuration, timeout_seconds=2)
        bench.send(command)
        error = (await bench.get(PhaseFailed, command)).error
        assert (error.kind, error.code) == (ErrorKind.RETRIABLE, "timeout")
        await bench.is_gone(await bench.pid_in(tmp_path / "pid"))

    async def test_a_clean_stop_hands_a_started_attempt_back(self, bench: Bench, tmp_path: Path) -> None:
        configuration = {"until": str(tmp_path / "never"), "pid": str(tmp_path / "pid")}
        command = bench.phase("slow", configuration=configuration)
        bench.send(command)
        await bench.get(AttemptHeartbeat, command)
        await bench.runtime.stop()
        assert (await bench.get(AttemptAbandoned, command)).reason == "the worker was stopped"
        await bench.is_gone(await bench.pid_in(tmp_path / "pid"))
        assert await bench.bus.message_count(bench.queue) == 0

    async def test_a_clean_stop_leaves_an_attempt_not_started_to_the_broker(
        self, open_bench: OpenBench, tmp_path: Path
    ) -> None:
        bench = await open_bench(hold_seconds=HELD_SECONDS)
        configuration = {"until": str(tmp_path / "never"), "pid": str(tmp_path / "pid")}
        command = bench.phase("slow", configuration=configuration)
        bench.send(command)
        await bench.pid_in(tmp_path / "pid")
        await bench.runtime.stop()

        async def is_back() -> bool:
            return await bench.bus.message_count(bench.queue) == 1

        await bench.until(is_back, "the command in its queue")
        assert not bench.of(AttemptAbandoned, command)

    async def test_a_full_worker_takes_no_more_and_what_waits_stays_with_the_broker(
        self, open_bench: OpenBench, tmp_path: Path
    ) -> None:
        bench = await open_bench(slots=1)
        first = bench.phase("slow", configuration={"until": str(tmp_path / "go")})
        second = bench.phase("noop")
        bench.send(first)
        await bench.get(AttemptHeartbeat, first)
        bench.send(second)

        async def is_ready() -> bool:
            return await bench.bus.message_count(bench.queue) == 1

        await bench.until(is_ready, "the second command, ready")
        assert not bench.of(PhaseCompleted, second)
        (tmp_path / "go").touch()
        await bench.get(PhaseCompleted, second)

    async def test_a_run_whose_heartbeats_are_not_confirmed_is_killed_and_handed_back_on_reconnect(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        configuration = {"until": str(tmp_path / "never"), "pid": str(tmp_path / "pid")}
        command = bench.phase("slow", configuration=configuration, lease_seconds=SHORT_LEASE_SECONDS)
        bench.send(command)
        pid = await bench.pid_in(tmp_path / "pid")
        await bench.get(AttemptHeartbeat, command)
        bench.worker_bus.cut = True
        await bench.is_gone(pid, within=SHORT_LEASE_SECONDS + 1)
        assert not bench.of(AttemptAbandoned, command)
        bench.worker_bus.cut = False
        assert "no heartbeat" in (await bench.get(AttemptAbandoned, command)).reason

    async def test_a_final_reply_is_sent_again_until_it_is_confirmed(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        command = bench.phase("slow", configuration={"until": str(tmp_path / "go")})
        bench.send(command)
        await bench.get(AttemptHeartbeat, command)
        bench.worker_bus.cut = True
        (tmp_path / "go").touch()
        await bench.until(lambda: self._children_are_free(bench), "the end of the work")
        bench.worker_bus.cut = False
        await bench.get(PhaseCompleted, command)
        assert not bench.of(AttemptAbandoned, command)
        await bench.until(lambda: bench.runtime.running == 0, "the end of the run")

    async def test_a_higher_epoch_ends_the_run_under_the_lower_one(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        configuration = {"until": str(tmp_path / "never"), "pid": str(tmp_path / "pid")}
        old = bench.phase("slow", configuration=configuration)
        bench.send(old)
        await bench.get(AttemptHeartbeat, old)
        new = bench.phase("noop", epoch=2, attempt=old.attempt_id)
        bench.send(new)
        assert (await bench.get(PhaseCompleted, new)).epoch == 2
        assert (await bench.get(AttemptAbandoned, old)).epoch == 1
        await bench.is_gone(await bench.pid_in(tmp_path / "pid"))

    async def test_the_trace_goes_through_the_child_and_back_with_the_reply(self, bench: Bench) -> None:
        command = bench.phase("noop")
        bench.send(command, {"traceparent": TRACEPARENT})
        completed = await bench.get(PhaseCompleted, command)
        (headers,) = [headers for message, headers in bench.received if message is completed]
        assert re.fullmatch(rf"00-{TRACE_ID}-[0-9a-f]{{16}}-01", headers["traceparent"])
        if "trace_id" in completed.summary:
            assert completed.summary["trace_id"] == TRACE_ID

    async def test_health_is_good_while_the_broker_counts_its_consumer(self, bench: Bench) -> None:
        await bench.until(bench.runtime.is_consuming, "a consumer")

    async def test_health_is_good_while_all_slots_are_taken_and_none_consumes(
        self, open_bench: OpenBench, tmp_path: Path
    ) -> None:
        bench = await open_bench(slots=1)
        command = bench.phase("slow", configuration={"until": str(tmp_path / "go")})
        bench.send(command)

        async def none_consumes() -> bool:
            return await bench.bus.consumer_count(bench.queue) == 0

        await bench.until(none_consumes, "the pause of its only slot")
        assert await bench.runtime.is_consuming()
        (tmp_path / "go").touch()
        await bench.get(PhaseCompleted, command)

    async def _nothing_comes_back(self, bench: Bench) -> None:
        """Once its consumers are closed, no command of the worker is in the queue: it had acked them all."""
        await bench.until(lambda: all(task.done() for task in bench.publishing), "the ack of every command")
        await bench.runtime._slots.close()
        assert await bench.bus.message_count(bench.queue) == 0

    @staticmethod
    def _children_are_free(bench: Bench) -> bool:
        return bench.pool.free == bench.pool.size
