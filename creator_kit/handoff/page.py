"""Pages: one HTML file that needs no network, with everything escaped and a policy that lets nothing else run.

Style and script stand in the page itself and are let in by their SHA-256 alone (`'self'` names nothing useful for a
page opened from a disk). There are no inline handlers and no style attributes.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from creator_kit.handoff.note_view import NoteView
from creator_kit.handoff.texts import tell_note_texts, texts_in_both
from creator_kit.locale import Both, current_language
from creator_kit.paths import find_shipped_dir

if TYPE_CHECKING:
    from collections.abc import Mapping

_POLICY = (
    "default-src 'none'; img-src 'self' file: data:; style-src {styles}; script-src {scripts}; "
    "base-uri 'none'; form-action 'none'; object-src 'none'"
)


def render_page(template: str, context: Mapping[str, Any], *, extra_css: str = "") -> str:
    """The page that ``templates/report/<template>`` makes of ``context``, its policy in its head.

    ``extra_css`` is added to the style sheet. Raises jinja2's errors for a name that is not there: a page is never
    quietly incomplete.
    """
    environment = _environment()
    css = _read("page.css") + extra_css
    js = _read("page.js")
    policy = _POLICY.format(styles=_source(css), scripts=_source(js))
    return environment.get_template(template).render(
        language=current_language(),
        policy=policy,
        css=Markup(css),  # our own files, and the policy's hashes are of them
        js=Markup(js),
        **context,
    )


def render_note_page(view: NoteView) -> str:
    """A page of one note, to copy from and post: the pack's ``index.html``."""
    return render_page("note.html.j2", {"view": view, "t": texts_in_both(tell_note_texts)})


def show_both(text: Both) -> Markup:
    """A text in both languages, of which the page shows one."""
    if text.zh == text.en:
        return escape(text.zh)
    return Markup('<span class="zh" lang="zh-CN">{}</span><span class="en" lang="en">{}</span>').format(*text)


def label_both(text: Both, name: str = "aria-label") -> Markup:
    """An attribute whose value changes with the language."""
    shown = text.zh if current_language() == "zh" else text.en
    return Markup('{0}="{1}" data-l10n="{0}" data-zh="{2}" data-en="{3}"').format(name, shown, text.zh, text.en)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(find_shipped_dir("templates") / "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters["both"] = show_both
    environment.filters["label"] = label_both
    return environment


def _read(name: str) -> str:
    return (find_shipped_dir("templates") / "report" / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") + "'"
