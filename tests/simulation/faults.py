"""Which faults a history has. A seed draws a profile; when calm comes, all of them stop."""

from random import Random

# Chance per occasion, or mean seconds between occurrences, where a profile has the fault.
CHANCES = {
    "statement_fails": 0.004,
    "commit_outcome_lost": 0.03,
    "message_lost": 0.04,
    "confirm_lost": 0.04,
    "message_doubled": 0.05,
    "message_late": 0.05,
    "message_very_late": 0.03,
    "command_vanishes": 0.02,
    "message_reordered": 0.2,
    "phase_fails": 0.15,
    "child_dies": 0.06,
    "unit_fails": 0.1,
    "undo_fails": 0.15,
    "long_work": 0.2,
    "crash_at_step": 0.0006,
    "poison": 0.02,
    "nobody_announced": 0.3,
}
RATES = {
    "worker_crash": 25.0,
    "worker_stall": 30.0,
    "worker_cut": 25.0,
    "worker_stop": 45.0,
    "orchestrator_crash": 30.0,
    "orchestrator_stall": 40.0,
    "orchestrator_cut": 40.0,
    "database_down": 80.0,
    "broker_blocked": 80.0,
    "platform_pause": 70.0,
    "people": 9.0,
}
# Under these alone no lease may ever be lost: nobody died and nothing was cut.
HARMLESS_TO_LEASES = frozenset(
    {"platform_pause", "people", "phase_fails", "unit_fails", "undo_fails", "long_work"}
)
# A quarter of all histories is about effects: what begins late, is cut off, or is undone meanwhile.
_FOCUSED = {
    "message_late": 0.1,
    "message_very_late": 0.2,
    "worker_cut": 8.0,
    "people": 10.0,
    "long_work": 0.3,
}
_AROUND_EFFECTS = frozenset({*_FOCUSED, "worker_stall", "poison", "confirm_lost", "platform_pause"})

# Others are about flows that grow from each other, and about rollbacks that take them all along.
_HURRIED = {"people": 4.0, "orchestrator_crash": 12.0, "worker_crash": 15.0}
_AROUND_CHAINS = (
    *("worker_crash", "worker_stall", "orchestrator_crash", "orchestrator_stall", "database_down"),
    *("crash_at_step", "statement_fails", "commit_outcome_lost", "message_doubled", "message_late"),
    *("message_very_late", "phase_fails", "unit_fails", "undo_fails", "long_work", "platform_pause"),
)


class Faults:
    """`hits` draws for one occasion; `every` gives the mean seconds between occurrences, or null."""

    def __init__(self, rng: Random, focus: str | None = None) -> None:
        self._rng = rng
        draw = rng.random() if focus is None else 1.0
        self.focus = focus or ("effects" if draw > 0.75 else None)
        if draw < 0.12:
            self.chosen = HARMLESS_TO_LEASES
        elif self.focus == "effects":
            self.chosen = _AROUND_EFFECTS
        elif self.focus == "chains":
            self.chosen = frozenset(name for name in _AROUND_CHAINS if rng.random() < 0.5) | {"people"}
        else:
            share = rng.choice((0.15, 0.4, 0.7))
            self.chosen = frozenset(name for name in (*CHANCES, *RATES) if rng.random() < share)
            if rng.random() < 0.7:
                self.chosen |= {"people"}
        own = {"effects": _FOCUSED, "chains": _HURRIED}.get(self.focus or "", {})
        chances, self._rates = CHANCES | own, RATES | own
        self._chances = {name: chances[name] for name in CHANCES if name in self.chosen}
        self.calm = False
        self.low_limit = rng.random() < 0.3

    @property
    def leases_are_safe(self) -> bool:
        return self.chosen <= HARMLESS_TO_LEASES

    def hits(self, name: str) -> bool:
        chance = self._chances.get(name)
        return chance is not None and self._rng.random() < chance

    def every(self, name: str) -> float | None:
        return self._rates[name] if name in self.chosen and not self.calm else None

    def stop(self) -> None:
        """From now on nothing fails any more."""
        self.calm = True
        self._chances = {}
