"""A small flow service with everything a rollback touches: assets, a question, effects."""

import polars as pl

from caravan_common.contracts import (
    DatasetSpec,
    DecisionKind,
    FlowDefinition,
    Index,
    InputSpec,
    PhaseDefinition,
    Question,
    QuestionOption,
    UnitSpec,
)
from caravan_common.phases import PhaseContext, PhaseResult
from caravan_common.worker import Service

GATHERED = DatasetSpec(name="gathered", index=Index.ROWS, entity_type="asset", assets=True)
JUDGED = DatasetSpec(name="judged", index=Index.ROWS, entity_type="asset", assets=True)
NOTES = DatasetSpec(name="notes", index=Index.ROWS, entity_type="note")
SURVEY = FlowDefinition(
    flow_type="survey",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="gather", outputs=(GATHERED, NOTES)),
        PhaseDefinition(
            name="judge",
            inputs=(InputSpec(name="gathered", phase="gather"),),
            outputs=(JUDGED,),
            decision_kinds=(DecisionKind.ANSWER, DecisionKind.OVERRIDE),
        ),
        PhaseDefinition(name="act", has_units=True),
    ),
    asset_columns=("name", "environment", "memory_gb", "ip_addresses"),
)
_HERE = "tests.support.survey_service"
SURVEY_SERVICE = Service(
    definition=SURVEY,
    phases={name: f"{_HERE}:{name}" for name in SURVEY.phase_names},
    units={"write": "tests.support.echo_service:WriteFile"},
)


def gather(context: PhaseContext) -> PhaseResult:
    """As many machines as the configuration says, and a note with awkward text."""
    count = int(context.configuration.get("machines", 3))
    frame = pl.DataFrame(
        {
            "natural_key": [f"vm:{n:06d}" for n in range(count)],
            "name": [f"host-{n}" for n in range(count)],
            "asset_type": ["virtual_machine"] * count,
            "memory_gb": [float(n % 7) + 0.5 for n in range(count)],
            "ip_addresses": [[f"10.0.{n // 250}.{n % 250}", "fe80::1"] for n in range(count)],
            "custom_attributes": ['{"rack \\"A\\"": "ü"}'] * count,
        }
    )
    notes = pl.DataFrame({"natural_key": ["n1"], "text": ['a "quoted"\nline \\ with ü and 😀']})
    return PhaseResult(datasets={"gathered": frame, "notes": notes}, summary={"machines": count})


def judge(context: PhaseContext) -> PhaseResult:
    """The environment of every machine: what people answered, else a recommendation and a question."""
    answers = context.decided(DecisionKind.ANSWER)
    chosen = answers["environment"].value if "environment" in answers else "test"
    keys = context.inputs["gathered"].read().select("natural_key")
    options = tuple(QuestionOption(id=name, label=name) for name in ("test", "production"))
    question = Question(
        key="environment",
        subject="environment",
        text="Which environment is it?",
        options=options,
        recommendation="test",
    )
    return PhaseResult(
        datasets={"judged": keys.with_columns(environment=pl.lit(chosen))},
        questions=() if answers else (question,),
    )


def act(context: PhaseContext) -> PhaseResult:
    """An effect for each name in the configuration, each built on the one before."""
    names = list(context.configuration.get("effects", []))
    path = context.configuration.get("path", "")
    units = [
        UnitSpec(
            key=name,
            action="write",
            parameters={"path": path},
            depends_on=tuple(names[n - 1 : n]) if n else (),
        )
        for n, name in enumerate(names)
    ]
    return PhaseResult(units=units)
