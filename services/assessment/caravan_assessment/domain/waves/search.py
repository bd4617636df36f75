"""The search: annealing, folding what good placements agree on, CP-SAT where it can prove something."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic

from caravan_assessment.domain.waves.anneal import Schedule, anneal, place_greedily
from caravan_assessment.domain.waves.communities import find_communities, number_names
from caravan_assessment.domain.waves.exact import Limit, solve
from caravan_assessment.domain.waves.model import Status
from caravan_assessment.domain.waves.problem import Problem, fold, measure_cut, measure_excess

EXACT_BELOW, EXACT_TRIED_BELOW = 25, 60  # nodes: CP-SAT usually proves the optimum; it still finds something
FOLDED_ABOVE = 1000  # nodes from which on communities are moved whole first
COMMUNITY = 8
STEPS_PER_WORK = (
    1_000_000  # annealing steps that take about as long as one unit of CP-SAT's deterministic time
)
HOT, WARM, COLD = 4.0, 2.0, 0.1


@dataclass(slots=True)
class Budget:
    """Steps, which repeat exactly, or seconds from now. A stage gets a share of the whole."""

    steps: int
    seconds: float | None = None
    began: float = field(default_factory=monotonic)
    spent: float = 0.0

    def schedule(self, share: float, hot: float, cold: float = COLD) -> Schedule:
        """The next stage; seconds that an earlier stage left over or overran come out of this one."""
        self.spent += share
        if self.seconds is None:
            steps = max(1.0, self.steps * share)
            return Schedule(lambda done: done / steps, hot, cold)
        start, end = monotonic(), self.began + self.seconds * self.spent
        length = max(0.001, end - start)
        return Schedule(lambda _: (monotonic() - start) / length, hot, cold)

    def limit(self, share: float, seed: int) -> Limit:
        self.spent += share
        if self.seconds is None:
            return Limit(work=max(0.1, self.steps * share / STEPS_PER_WORK), seed=seed)
        left = self.began + self.seconds * self.spent - monotonic()
        return Limit(work=1e9, seconds=max(0.05, left), seed=seed)


@dataclass(slots=True)
class Search:
    """One problem, one budget. The best placement (least excess, then least cut) after any stage is in `best`."""

    problem: Problem
    budget: Budget
    seed: int
    best: list[int] = field(default_factory=list)
    greedy_cut: int = 0
    status: Status = "greedy"
    log: list[str] = field(default_factory=list)

    def run(self) -> None:
        self.best = place_greedily(self.problem)
        self.greedy_cut = measure_cut(self.problem, self.best)
        self.note("greedy", self.best)
        size = self.problem.size
        if self.rank(self.best) == (0, 0):
            self.status = "optimal"  # nothing is cut
            return
        if self.budget.steps == 0 or len(self.problem.waves) < 2:
            return
        if size <= EXACT_BELOW:
            self.prove(0.15)
            if self.status != "optimal":
                self.anneal_apart(4, 0.07)
                self.prove(0.46)
        elif size <= EXACT_TRIED_BELOW:
            self.anneal_apart(4, 0.08)
            self.prove(0.4)
            self.take("annealed from the best", self.anneal_all(self.best, 0.15, WARM, 9))
        elif size <= FOLDED_ABOVE:
            self.anneal_apart(4, 0.15)
            self.take("annealed at the borders", self.anneal_all(self.best, 0.4 - 0.24, 0.6, 9))
        else:
            self.anneal_communities()

    def note(self, what: str, place: Sequence[int]) -> None:
        cut, excess = measure_cut(self.problem, place), measure_excess(self.problem, place)
        self.log.append(f"{what}: cut {cut}" + (f", {excess} above capacity" if excess else ""))

    def take(self, what: str, place: list[int]) -> None:
        self.note(what, place)
        if self.rank(place) < self.rank(self.best):
            self.best, self.status = place, "improved"

    def rank(self, place: Sequence[int]) -> tuple[int, int]:
        return measure_excess(self.problem, place), measure_cut(self.problem, place)

    def anneal_all(self, start: Sequence[int], share: float, hot: float, salt: int) -> list[int]:
        random = Random(self.seed * 1000 + salt)
        return anneal(self.problem, start, self.budget.schedule(share, hot), random)[0]

    def anneal_folded(
        self, names: Sequence[object], start: Sequence[int], share: float, hot: float, salt: int
    ) -> list[int]:
        """Nodes of one name move as one. They lie in one wave of `start`, so nothing that it keeps is broken."""
        label = number_names(names)
        folded = fold(self.problem, label)
        folded_start = [0] * folded.size
        for node, at in enumerate(label):
            folded_start[at] = start[node]
        random = Random(self.seed * 1000 + salt)
        place, _ = anneal(folded, folded_start, self.budget.schedule(share, hot), random)
        return [place[at] for at in label]

    def anneal_apart(self, runs: int, share: float) -> None:
        """Several runs apart; then what all of them put together is kept together, and only the rest is searched."""
        start, found = self.best, []
        for run in range(runs):
            found.append(self.anneal_all(start, share, HOT, run))
            self.take(f"annealed, run {run + 1}", found[-1])
        agreed = list(zip(*found, strict=True))
        for run, hot in enumerate((WARM, WARM / 2)):
            placed = self.anneal_folded(agreed, self.best, share * 0.8, hot, runs + run)
            self.take(f"annealed where the runs differ, {len(set(agreed))} groups", placed)

    def anneal_communities(self) -> None:
        self.take("annealed", self.anneal_all(self.best, 0.15, WARM, 0))
        names = list(zip(find_communities(self.problem, COMMUNITY), self.best, strict=True))
        placed = self.anneal_folded(names, self.best, 0.45, HOT, 1)
        self.take(f"annealed {len(set(names))} communities", placed)
        self.take("annealed at the borders", self.anneal_all(self.best, 0.4, 0.5, 2))

    def prove(self, share: float) -> None:
        solution = solve(self.problem, self.best, self.budget.limit(share, self.seed))
        if solution.outcome in {"optimal", "feasible"}:
            self.take("CP-SAT", solution.place)
        if solution.outcome == "optimal":
            self.status = "optimal"
            self.log.append("CP-SAT: no plan cuts less")
