"""One HTML file out of the reports of several flows."""

from collections.abc import Mapping
from html import escape

_STYLE = (
    "body{margin:0;font-family:system-ui,sans-serif}nav{padding:.5rem 1rem}nav a{margin-right:1rem}"
    "iframe{width:100%;height:92vh;border:0;border-top:1px solid #999}"
)


def join_reports(title: str, pages: Mapping[str, str]) -> str:
    """By flow type, in their order; each a whole page of its own, so that no style or script meets another's.

    A single one stays as it is.
    """
    if len(pages) == 1:
        return next(iter(pages.values()))
    links = "".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in pages)
    frames = "".join(
        f'<section id="{escape(name)}"><iframe title="{escape(name)}" srcdoc="{escape(page)}"></iframe></section>'
        for name, page in pages.items()
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><nav>{links}</nav>{frames}</body></html>"
    )
