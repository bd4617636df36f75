"""The service of docs/writing-a-flow-service.md, every file as the page shows it, and a list of certificates for it."""

import re
from pathlib import Path

_PAGE = Path(__file__).parents[2] / "docs" / "writing-a-flow-service.md"
DOCUMENT = _PAGE.read_text(encoding="utf-8")
_FILE = re.compile(r"^\*\*`([\w./]+)`\*\*\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILES: dict[str, str] = dict(_FILE.findall(DOCUMENT))
# On 2026-01-01 the rules renew the shop and keep the mail; the portal goes to the crew.
CERTIFICATES = b"name,expires\nshop,2026-01-11\nmail,2026-12-31\nportal,2026-03-02\n"


def write_service(folder: Path) -> None:
    """`caravan_renewal` can be imported from the folder then."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if name.startswith("caravan_renewal/"):
            (path.parent / "__init__.py").touch()
    (folder / "caravan_renewal" / "crews" / "__init__.py").touch()
