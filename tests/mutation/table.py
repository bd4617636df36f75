"""The faults that are put in on purpose: `[[trap]]` tables of traps_*.toml beside this file."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
_KEYS = {"name", "file", "old", "new", "test", "count"}


@dataclass(frozen=True)
class Fault:
    """`old`, which stands `count` times in `file`, becomes `new`: what `name` needs is gone, and `test` must fail.

    `name` is a trap in the words of docs/traps-covered.md; several faults may have the same one.
    """

    name: str
    file: str
    old: str
    new: str
    test: str
    count: int = 1

    def apply(self, root: Path) -> None:
        """Changes the file below `root`. Raises ValueError where the text is not there as often as it should be."""
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != self.count:
            raise ValueError(f"{self.name}: {text.count(self.old)} times in {self.file}, not {self.count}")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


def load_faults(folder: Path = FOLDER) -> list[Fault]:
    """Those of all tables, in the order of the files. Raises ValueError for keys that mean nothing."""
    faults = []
    for path in sorted(folder.glob("traps_*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["trap"]:
            if unknown := set(entry) - _KEYS:
                raise ValueError(f"{path.name}, {entry.get('name')}: unknown {', '.join(sorted(unknown))}")
            faults.append(Fault(**entry))
    return faults


def named_like(faults: Iterable[Fault], words: Iterable[str]) -> list[Fault]:
    """Those whose name, file or test holds one of the words; all where there are none."""
    wanted = [word.casefold() for word in words]
    return [
        fault
        for fault in faults
        if not wanted or any(word in f"{fault.name} {fault.file} {fault.test}".casefold() for word in wanted)
    ]
