"""docs/index.md lists every document once, and no document points at a file that is not there."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"
LINK = re.compile(r"\]\((?!\w+://)([^)#\s]+)(?:#[^)]*)?\)")


def links(document: Path) -> list[Path]:
    """Relative links, as files."""
    found = LINK.findall(document.read_text(encoding="utf-8"))
    return [(document.parent / link).resolve() for link in found]


def test_every_document_is_listed_once() -> None:
    listed = [link for link in links(DOCS / "index.md") if link.is_relative_to(DOCS)]
    kinds = {".md", ".json"}
    documents = sorted(path for path in DOCS.rglob("*.*") if path.suffix in kinds and path.name != "index.md")
    assert sorted(listed) == documents


def test_every_link_between_documents_leads_to_a_file() -> None:
    broken = {
        str(document.relative_to(DOCS)): [str(link) for link in links(document) if not link.exists()]
        for document in DOCS.rglob("*.md")
    }
    assert {document: missing for document, missing in broken.items() if missing} == {}


def test_a_decision_record_has_at_most_forty_lines_and_ends_with_its_guard() -> None:
    for record in sorted((DOCS / "decisions").glob("ADR-*.md")):
        text = record.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40, record.name
        assert re.search(
            r"\bGuard(ed by)?\b", text.strip().split("\n\n")[-1] + text.strip().split("\n\n")[-2]
        ), record.name
