"""The crew `mapping` with the offline model, through the runner that production uses."""

from caravan_common.crews import Case, CrewRunner, Judges, LlmSettings, Option
from caravan_discovery.flow import CREWS


def test_the_crew_judges_a_contested_column_among_the_options_given() -> None:
    case = Case(
        id="servers.csv##2|Feld 7",
        facts={"header": "Feld 7", "samples": ["00:50:56:00:00:01"], "signals": {"mac_addresses": 0.9}},
        options=(Option(id="mac_addresses", score=0.75), Option(id="none", score=0.25)),
        recommendation="none",
    )

    [judgement] = CrewRunner(CREWS, LlmSettings(llm="offline")).judge("mapping", [case])

    assert judgement.why_rule is None
    assert (judgement.option, judgement.decided_by) == ("mac_addresses", Judges.CREW)
    assert judgement.prompt_version
