"""The committed list of prompt versions is that of the present words, so that git finds the words of any version.

After a change of words run `python -m tests.contract.test_prompt_versions` and commit what it writes with them.
"""

import json
from pathlib import Path

import pytest

from caravan.installed import installed_services
from caravan_common.crews import Case, CrewRunner, LlmSettings, Option, runner

LIST = Path(__file__).resolve().parents[2] / "docs/prompt-versions.json"
CREWS = {name: place for service in installed_services() for name, place in service.crews.items()}
_CASE = Case(
    id="any",
    facts={},
    options=(Option(id="one", label="one"), Option(id="two", label="two")),
    recommendation="one",
)


def present_versions() -> dict[str, str]:
    """By crew, the version that a judgement of today would name."""
    asked = CrewRunner(CREWS, LlmSettings(llm="offline"))
    for crew in sorted(CREWS):
        asked.judge(crew, [_CASE])
    return {each.crew: each.prompt_version for each in asked.exchanges}


def test_the_list_names_the_version_of_every_crew() -> None:
    listed, present = json.loads(LIST.read_text(encoding="utf-8")), present_versions()
    changed = sorted(crew for crew in listed | present if listed.get(crew) != present.get(crew))
    assert not changed, (
        f"The words put to {', '.join(changed)} are not those that docs/{LIST.name} names: run `python -m"
        " tests.contract.test_prompt_versions` and commit the list together with the words; else nobody finds them"
        " by the version that decisions name."
    )
    assert present.keys() == CREWS.keys()


@pytest.mark.parametrize("shared", ["ANSWER_FORMAT", "render_block"])
def test_a_change_of_shared_words_is_another_version_of_every_crew(
    shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, text = present_versions(), getattr(runner, shared)
    changed = f"{text} Be brief." if isinstance(text, str) else lambda cases: f"{text(cases)}\nBe brief."
    monkeypatch.setattr(runner, shared, changed)
    after = present_versions()
    assert before.keys() == after.keys()
    assert not set(before.items()) & set(after.items())


def _write() -> None:
    LIST.write_text(json.dumps(present_versions(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
