"""docs/errors.md and the table that the OpenAPI document is made from say the same."""

import re
from pathlib import Path

from caravan_orchestrator.api.openapi.codes import CODES

TEXT = (Path(__file__).parents[3] / "docs/errors.md").read_text(encoding="utf-8")


def test_the_document_and_the_table_of_codes_say_the_same() -> None:
    answers = TEXT.split("## Answers of the gateway")[1].split("## Failures of attempts")[0]
    rows = re.findall(r"^\| (`[^|]+) \| (\d+) \| (.+?) \|$", answers, re.MULTILINE)
    said = {code: (int(status), words) for names, status, words in rows for code in re.findall(r"\w+", names)}
    assert said == CODES
