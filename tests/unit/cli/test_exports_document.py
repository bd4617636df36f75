"""docs/exports.md names the columns that exports have, no more and no fewer."""

import re
from pathlib import Path

from caravan.exports import questions_frame
from caravan.installed import installed_services
from caravan.results import asset_columns

DOCUMENT = (Path(__file__).parents[3] / "docs" / "exports.md").read_text(encoding="utf-8")


def documented() -> dict[str, list[str]]:
    sections = re.split(r"^## ", DOCUMENT, flags=re.MULTILINE)[1:]
    names = {section.split("\n", 1)[0].strip(): section for section in sections}
    return {
        name: re.findall(r"^\| (\w+) \| \w", section, flags=re.MULTILINE)[1:]
        for name, section in names.items()
    }


def test_every_export_is_documented_column_by_column() -> None:
    outputs = [
        output
        for service in installed_services()
        for phase in service.definition.phases
        for output in phase.outputs
        if output.export
    ]
    expected = {
        str(o.export): ["entity_id", *(column.name for column in o.columns)] for o in outputs if not o.assets
    }
    for output in outputs:
        if output.assets:
            found = [column.name for column in output.columns if column.name != "entity_type"]
            expected[str(output.export)] = list(dict.fromkeys([*asset_columns(), *found]))
    expected["questions"] = questions_frame([]).columns
    assert documented() == expected
