"""What we install beside ourselves when it runs leaves our own code under the licence that we gave it."""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

LOCK = Path(__file__).resolve().parents[2] / "requirements" / "runtime.lock"
# What the lock has for other systems only.
ELSEWHERE = {"colorama", "httpx2-jsfetch", "pywin32"}
# May be linked to; each would be named here, so that nobody changes what is in it unawares.
LESSER: set[str] = set()
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying)[^/]*$", re.IGNORECASE)
# Neither metadata nor licence file in the wheel; their repository's LICENSE is MIT, as the README of crewai says.
SILENT = {"crewai", "crewai-cli", "crewai-core"}
# Of a licence written out, the title is within so many characters; what it mentions later is no licence of the package.
_TITLE = 300


def locked() -> list[str]:
    return re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)


def stated(package: Distribution) -> str:
    """What a package says of its licence: its metadata, and where these are silent the titles of its licence files."""
    told = package.metadata
    classifiers = [each for each in told.get_all("Classifier") or [] if each.startswith("License ::")]
    named = [each[:_TITLE] for key in ("License-Expression", "License") for each in told.get_all(key) or []]
    said = [*named, *classifiers]
    if not any(said):
        said = [
            file.read_text(encoding="utf-8")[:_TITLE]
            for file in package.files or []
            if _LICENCE_FILE.search(str(file))
        ]
    return "\n".join(filter(None, said))


def family(licence: str) -> str | None:
    """GPL (Affero's too), LGPL, or neither."""
    lesser = re.search(r"\bLGPL|(lesser|library)\s+general\s+public", licence, re.IGNORECASE)
    rest = re.sub(r"\bLGPL|(lesser|library)\s+general\s+public", "", licence, flags=re.IGNORECASE)
    if re.search(r"\bA?GPL|general\s+public\s+licen", rest, re.IGNORECASE):
        return "GPL"
    return "LGPL" if lesser else None


@pytest.mark.parametrize(
    ("licence", "found"),
    [
        ("GPL-3.0-or-later", "GPL"),
        ("GPLv2", "GPL"),
        ("AGPL-3.0-only", "GPL"),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", "GPL"),
        ("                    GNU GENERAL PUBLIC LICENSE\n                       Version 3", "GPL"),
        ("LGPL-2.1-only", "LGPL"),
        ("License :: OSI Approved :: GNU Library or Lesser General Public License (LGPL)", "LGPL"),
        ("LGPL-3.0-only AND GPL-3.0-only", "GPL"),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", None),
        ("BSD-3-Clause", None),
    ],
)
def test_a_licence_is_told_by_its_name_or_title(licence: str, found: str | None) -> None:
    assert family(licence) == found


def test_nothing_that_runs_beside_ours_is_under_the_gpl() -> None:
    families: dict[str, set[str]] = {}
    absent, silent = set(), set()
    for name in locked():
        try:
            licence = stated(distribution(name))
        except PackageNotFoundError:
            absent.add(name)
            continue
        if not licence:
            silent.add(name)
        if kind := family(licence):
            families.setdefault(kind, set()).add(name)

    assert len(locked()) > 100
    assert absent <= ELSEWHERE
    assert silent <= SILENT, "these say nothing of their licence: look it up"
    assert families.get("GPL", set()) == set()
    assert families.get("LGPL", set()) == LESSER
