"""`make eval CARAVAN_LLM=provider/model`: the shipped cases before a model, and how often it agrees with their key.

The crews, prompts, guardrail and meter are those of a worker. Nothing of it depends on the model that is asked.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from caravan.installed import installed_services
from caravan_common.contracts import Budget
from caravan_common.crews import Case, CrewRunner, Judgement, Judges, LlmSettings

CASES = Path(__file__).parents[1] / "samples" / "judgements" / "cases.jsonl"
BUDGET_TOKENS = 200_000


def installed_crews() -> dict[str, str]:
    """Where the crews of all installed services are. Raises ValueError for a name that two services have."""
    found: dict[str, str] = {}
    for service in installed_services():
        if twice := found.keys() & service.crews.keys():
            raise ValueError(f"two services have a crew named {', '.join(sorted(twice))}")
        found |= service.crews
    return found


@dataclass(frozen=True)
class Keyed:
    """A case whose right answer is known. `why` is for people who look at a disagreement."""

    crew: str
    case: Case
    key: str
    why: str


@dataclass(frozen=True)
class Heard:
    """What stands for a case, right or not."""

    keyed: Keyed
    judgement: Judgement

    @property
    def agrees(self) -> bool:
        return self.judgement.option == self.keyed.key

    @property
    def by_crew(self) -> bool:
        return self.judgement.decided_by is Judges.CREW


def load_cases(path: Path = CASES) -> list[Keyed]:
    """Raises ValueError for a key or a recommendation that is no option of its case."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        case = Case.model_validate(document["case"])
        if not {document["key"], case.recommendation} <= case.option_ids:
            raise ValueError(f"{case.id}: key or recommendation is not among its options")
        found.append(Keyed(document["crew"], case, document["key"], document["why"]))
    return found


def judge_all(runner: CrewRunner, keyed: Sequence[Keyed]) -> list[Heard]:
    """Crew by crew, as phases do."""
    heard = []
    for crew in dict.fromkeys(each.crew for each in keyed):
        mine = [each for each in keyed if each.crew == crew]
        judgements = runner.judge(crew, [each.case for each in mine])
        heard += [Heard(*pair) for pair in zip(mine, judgements, strict=True)]
    return heard


def summarise(runner: CrewRunner, heard: Sequence[Heard], model: str, seconds: float) -> dict[str, Any]:
    """Agreement by crew and in all, beside that of the rules' recommendations alone; cost and time."""
    groups = {
        crew: [h for h in heard if h.keyed.crew == crew]
        for crew in dict.fromkeys(h.keyed.crew for h in heard)
    }
    usage = runner.usage
    return {
        "model": model,
        "prompt_versions": {batch.crew: batch.prompt_version for batch in runner.exchanges},
        "crews": {crew: _agreement(each) for crew, each in groups.items()},
        "all": _agreement(heard),
        "calls": sum(each.calls for each in usage),
        "prompt_tokens": sum(each.prompt_tokens for each in usage),
        "completion_tokens": sum(each.completion_tokens for each in usage),
        "cost_usd": round(sum(each.cost_usd for each in usage), 6),
        "seconds": round(seconds, 2),
        "disagreements": [
            {
                "case": h.keyed.case.id,
                "crew": h.keyed.crew,
                "key": h.keyed.key,
                "option": h.judgement.option,
                "decided_by": h.judgement.decided_by.value,
                "because": h.judgement.why_rule or "; ".join(h.judgement.reasons),
                "right_because": h.keyed.why,
            }
            for h in heard
            if not h.agrees
        ],
    }


def _agreement(heard: Sequence[Heard]) -> dict[str, int]:
    return {
        "cases": len(heard),
        "agree": sum(h.agrees for h in heard),
        "rules_agree": sum(h.keyed.case.recommendation == h.keyed.key for h in heard),
        "left_to_rules": sum(not h.by_crew for h in heard),
    }


def _print(found: dict[str, Any]) -> None:
    print(f"{found['model']}: agreement with the key of {found['all']['cases']} cases")
    print(f"{'crew':<16}{'cases':>6}{'agree':>7}{'rules':>7}{'left to rules':>15}  prompt")
    for crew, row in {**found["crews"], "all": found["all"]}.items():
        figures = f"{row['cases']:>6}{row['agree']:>7}{row['rules_agree']:>7}{row['left_to_rules']:>15}"
        print(f"{crew:<16}{figures}  {found['prompt_versions'].get(crew, '')}")
    for each in found["disagreements"]:
        print(f"  {each['crew']} {each['case']}: {each['option']} by {each['decided_by']}, key {each['key']}")
        print(f"    said: {each['because']}\n    key: {each['right_because']}")
    tokens = found["prompt_tokens"] + found["completion_tokens"]
    print(f"{found['calls']} calls, {tokens} tokens, {found['cost_usd']:.4f} USD, {found['seconds']} s")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when a crew was heard; 1 when every case was left to the rules, for whatever reason."""
    parser = argparse.ArgumentParser(prog="make eval", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON on stdout, and nothing else")
    parser.add_argument("--budget-tokens", type=int, default=BUDGET_TOKENS, help="of the whole evaluation")
    parser.add_argument("--cases", type=Path, default=CASES, help="JSON lines of crew, case, key, why")
    options = parser.parse_args(arguments)
    settings = LlmSettings()
    runner = CrewRunner(installed_crews(), settings, Budget(tokens=options.budget_tokens))
    began = time.monotonic()
    heard = judge_all(runner, load_cases(options.cases))
    found = summarise(runner, heard, settings.llm, time.monotonic() - began)
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)
    return 0 if any(each.by_crew for each in heard) else 1


if __name__ == "__main__":
    sys.exit(main())
