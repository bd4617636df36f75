"""From the parts of several flows to one HTML page without any outside reference."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import jinja2
from markupsafe import Markup

from caravan_common.masking import mask_secrets, strip_invisible
from caravan_common.reporting._cells import Cell, Figure

_HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>')


@dataclass(frozen=True)
class Table:
    """Cells by row; `total` counts all there are.

    `numbers` are the columns that stand to the right, `fixed` those that never break, such as days.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    total: int
    numbers: tuple[int, ...] = ()
    fixed: tuple[int, ...] = ()

    def style(self, column: int) -> Markup:
        """The class attribute of a column's cells, with the blank before it."""
        name = "number" if column in self.numbers else "fixed" if column in self.fixed else ""
        return Markup(' class="{}"').format(name) if name else Markup()


@dataclass(frozen=True)
class Part:
    """What one flow adds to the page.

    `figures` stand on top: label, figure, and the anchor of the section that tells more; `sentences` are what a person
    would say who had read the rest; `body` is rendered HTML.
    """

    name: str
    figures: Sequence[tuple[str, Figure, str]]
    sentences: Sequence[str]
    body: Markup

    @property
    def sections(self) -> list[tuple[str, Markup]]:
        """Anchor and heading of each section of the body, for the page's list of contents."""
        return [(anchor, Markup(heading)) for anchor, heading in _HEADING.findall(self.body)]  # noqa: S704  (rendered)


def render_body(
    package: str, template: str, words: Callable[[str], str], values: Mapping[str, Any]
) -> Markup:
    """A template of the service's own package. Every text on its way into it is masked and escaped."""
    environment = _environment(jinja2.PackageLoader(package, ""), words)
    return Markup(environment.get_template(template).render(values))  # noqa: S704  (rendered with autoescape)


def render_page(title: str, as_of: date, parts: Sequence[Part]) -> str:
    """One page out of all parts, given in the order of the journey; the last one comes first: the rest is why."""
    page = _environment(None, str).get_template("page.html.j2")
    return page.render(title=title, as_of=as_of.isoformat(), parts=list(reversed(parts))).strip() + "\n"


def _environment(own: jinja2.BaseLoader | None, words: Callable[[str], str]) -> jinja2.Environment:
    shared = jinja2.PackageLoader("caravan_common.reporting", "")
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([loader for loader in (own, shared) if loader is not None]),
        autoescape=True,
        finalize=_masked,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = words
    return environment


def _masked(value: Any) -> Any:
    """Texts come from files: whatever an earlier phase let through stops here."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return mask_secrets(strip_invisible(value))
    return value
