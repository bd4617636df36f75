"""python -m tests.simulation --histories N [--seed K] [--workers P]: exit code 1 when something is wrong."""

# ruff: noqa: T201 - a program, which talks to people by printing

import argparse
import sys
import time

from tests.simulation.runner import play, play_many, tell


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--histories", type=int, default=1000, help="how many to play (default 1000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--seed", type=int, help="tell this one history in full")
    parser.add_argument("--mutation", help="with --seed: the fault put in on purpose")
    parser.add_argument("--workers", type=int, help="processes (default: one per core)")
    arguments = parser.parse_args()
    if arguments.seed is not None:
        return _tell_one(arguments.seed, arguments.mutation)
    began = time.monotonic()
    outcome = play_many(
        arguments.histories,
        first=arguments.first,
        workers=arguments.workers,
        told=_show_progress(arguments.histories),
    )
    took = time.monotonic() - began
    print(
        f"{outcome.histories} histories, {outcome.seconds / 3600:.1f} hours of virtual time, "
        f"{outcome.steps} steps in {took:.1f} s: {outcome.histories / took:.0f} histories a second"
    )
    for breach in outcome.breaches:
        print(f"seed {breach.seed}: {'; '.join(breach.sentences)}")
    if outcome.breaches:
        print(f"{len(outcome.breaches)} histories went wrong. The first, in full:\n")
        _tell_one(outcome.breaches[0].seed, None)
        return 1
    print("Nothing went wrong.")
    return 0


def _show_progress(histories: int):  # type: ignore[no-untyped-def]
    def show(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done}/{histories}", end="", file=sys.stderr, flush=True)

    return show


def _tell_one(seed: int, mutation: str | None) -> int:
    world = play(seed, mutation, trace=True)
    for line in tell(world):
        print(line)
    breaches = world.breaches()
    print(f"\nseed {seed}: {'; '.join(breaches) or 'nothing went wrong'}")
    print(f"faults: {', '.join(sorted(world.faults.chosen))}")
    print(f"again: python -m tests.simulation --seed {seed}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
