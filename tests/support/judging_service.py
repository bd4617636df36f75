"""A flow service whose phases only ask a crew; what a test puts into the configuration are the cases."""

import os
import signal
from pathlib import Path

from caravan_common.contracts import DecidedBy, FlowDefinition, PhaseDefinition, RetryPolicy
from caravan_common.crews import Case, Judges
from caravan_common.phases import PhaseContext, PhaseResult
from caravan_common.worker import Service

_HERE = "tests.support.judging_service"
PHASES = ("judge", "judge_more")
JUDGING = FlowDefinition(
    flow_type="judging",
    version="1.0.0",
    phases=tuple(
        PhaseDefinition(
            name=name, uses_crews=True, retry=RetryPolicy(max_retries=3, base_seconds=0.01, cap_seconds=0.01)
        )
        for name in PHASES
    ),
)
JUDGING_SERVICE = Service(
    definition=JUDGING,
    phases=dict.fromkeys(PHASES, f"{_HERE}:judge"),
    crews={"reference": "tests.support.reference_crew.crew:build"},
)


def judge(context: PhaseContext) -> PhaseResult:
    """The judgements as the summary. Notes its pid in the file `pid`; `die_once`: a file whose absence kills it
    after the crew was heard.
    """
    configuration = context.configuration
    if "pid" in configuration:
        with Path(configuration["pid"]).open("a") as file:
            file.write(f"{os.getpid()}\n")
    cases = [Case.model_validate(case) for case in configuration["cases"]]
    judgements = context.judge("reference", cases)
    once = Path(configuration.get("die_once", os.devnull))
    if not once.exists():
        once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    deciders = [judgement.decided_by for judgement in judgements]
    return PhaseResult(
        summary={"judgements": [judgement.model_dump(mode="json") for judgement in judgements]},
        decided_by=DecidedBy(crew=deciders.count(Judges.CREW), rule=deciders.count(Judges.RULE)),
    )
