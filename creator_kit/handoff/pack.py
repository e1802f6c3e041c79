"""The hand-off pack: a folder from which a person posts. Nothing here talks to the platform.

::

    <out>/<draft id>/
      title.txt  body.txt  tags.txt   one thing to copy each
      images/01-cover.png …           in posting order
      index.html                      the note as readers will see it, to copy from on a phone
      checklist.md                    what the person still has to do, in the reader's language
      note.json                       all of it for scripts, ``schema_version`` first
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from creator_kit.datafiles import replace_folder, write_text
from creator_kit.drafting import Draft
from creator_kit.errors import InputError
from creator_kit.handoff.guide import tell_guide
from creator_kit.handoff.note_view import Picture, tell_to_do, view_note
from creator_kit.handoff.page import render_note_page
from creator_kit.locale import LANGUAGES, _, current_language
from creator_kit.persona import Persona
from creator_kit.review import Finding
from creator_kit.text.length import TITLE_LIMIT, count_body_characters, count_title_units

SCHEMA_VERSION = 1
_COVER_SIZE_PX = (1242, 1660)


@dataclass(frozen=True, slots=True)
class Handoff:
    """A pack that was written: its ``folder``, and whether nothing stands in the way of posting it."""

    folder: Path
    is_ready: bool
    n_to_do: int


def write_handoff(
    draft: Draft,
    out: Path,
    *,
    images: Sequence[Path],
    findings: Sequence[Finding],
    forecast: Mapping[str, Any] | None,
    findings_in_both: dict[str, list[Finding]] | None = None,
    persona: Persona | None = None,
) -> Handoff:
    """Write the pack of ``draft`` to ``out/<draft id>``; an earlier pack of the same draft is replaced whole.

    ``images`` are copied in posting order; ``forecast`` is a document of the ledger
    (``exposure.ledger.forecast_document``), or None where none was made; ``findings_in_both`` are the findings by
    language for the page (without them it shows ``findings`` in either); ``persona`` adds its shot list and the proofs
    of the facts that the draft leans on to the checklist. A pack is ready when no finding
    blocks; it is written either way, since filling in is the person's part.
    Raises StorageError or InputError; then the earlier pack stays.
    """
    for image in images:
        if not image.is_file():
            raise InputError(
                _("the image is not there"),
                where=str(image),
                hint=_("draw it again: creator-kit cover {id}").format(id=draft.draft_id),
            )
    folder = out / draft.draft_id
    is_ready = not any(finding.severity == "block" for finding in findings)
    to_do = list_to_do(draft, findings, n_images=len(images))
    guide = tell_guide(draft, persona) if persona is not None else []
    with replace_folder(folder) as building:
        (building / "images").mkdir()
        names = []
        for position, image in enumerate(images, 1):
            kind = "cover" if position == 1 else "page"
            name = f"images/{position:02d}-{kind}{image.suffix.lower()}"
            shutil.copyfile(image, building / name)
            names.append(name)
        write_text(building / "title.txt", draft.title + "\n")
        write_text(building / "body.txt", draft.body.rstrip("\n") + "\n")
        write_text(building / "tags.txt", " ".join(f"#{tag}" for tag in draft.tags) + "\n")
        write_text(
            building / "checklist.md", _render_checklist(draft, to_do, guide, is_ready=is_ready, forecast=forecast)
        )
        both = findings_in_both or {code: list(findings) for code in LANGUAGES}
        write_text(building / "index.html", _render_index(draft, both, images, names))
        document = _describe(draft, names, findings, forecast, is_ready=is_ready)
        write_text(building / "note.json", json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    return Handoff(folder=folder, is_ready=is_ready, n_to_do=len(to_do))


def list_to_do(draft: Draft, findings: Sequence[Finding], *, n_images: int) -> list[str]:
    """What a person still has to do before and while posting, in order, in the reader's language."""
    to_do = [_("fill in: {what}").format(what=what) for what in draft.missing]
    for finding in findings:
        if finding.severity == "block" and finding.family != "missing":
            to_do.append(_("mend: {message}").format(message=finding.message))
    for finding in findings:
        if finding.severity == "warn":
            to_do.append(_("look at: {message}").format(message=finding.message))
    if n_images == 0:
        to_do.append(_("add at least one image; the first is the cover"))
    if draft.sponsored:
        to_do.append(_("declare the partnership when you post (利益相关 or 广告); the text already says so"))
    if draft.model_used:
        to_do.append(_("switch on the platform's AI-content declaration; do not remove the label in the image"))
    to_do.append(_("read it aloud once: is every sentence true of you?"))
    to_do.append(_("post it yourself in the app; creator_kit never posts"))
    return to_do


def _render_index(
    draft: Draft, findings: dict[str, list[Finding]], images: Sequence[Path], names: Sequence[str]
) -> str:
    """The pack's page. It shows the very files that will be posted, so that they can be saved from it."""
    pictures = [Picture(name, *_measure(image)) for image, name in zip(images, names, strict=True)]
    to_do = tell_to_do(lambda: list_to_do(draft, findings[current_language()], n_images=len(images)))
    return render_note_page(view_note(draft, findings, pictures=pictures, to_do=to_do))


def _measure(image: Path) -> tuple[int, int]:
    """Width and height in pixels; those of a cover where the file does not tell."""
    from PIL import Image

    try:
        with Image.open(image) as opened:
            return opened.size
    except (OSError, ValueError, Image.DecompressionBombError):
        return _COVER_SIZE_PX


def _render_checklist(
    draft: Draft,
    to_do: Sequence[str],
    guide: Sequence[str],
    *,
    is_ready: bool,
    forecast: Mapping[str, Any] | None,
) -> str:
    head = _("ready to post") if is_ready else _("not ready yet: something below must be done first")
    lines = [f"# {draft.title}", "", f"**{head}**", ""]
    lines += [f"- [ ] {item}" for item in to_do]
    lines += [
        "",
        _("Title: {n} of {limit} units. Body: {m} of 1000 characters. Tags: {k} of 10.").format(
            n=count_title_units(draft.title), limit=TITLE_LIMIT, m=count_body_characters(draft.body), k=len(draft.tags)
        ),
    ]
    if forecast is not None:
        impressions = forecast["quantiles"]["impressions"]
        lines += [
            "",
            _("Expected impressions in {days} days: P10 {p10}, P50 {p50}, P90 {p90}.").format(
                days=forecast["horizon_days"],
                p10=round(impressions["p10"]),
                p50=round(impressions["p50"]),
                p90=round(impressions["p90"]),
            ),
            str(forecast["basis"]),
        ]
    others = [candidate.title for candidate in draft.titles if candidate.title != draft.title]
    if others:
        lines += ["", _("Other titles:"), *(f"- {title}" for title in others)]
    return "\n".join((*lines, *guide)) + "\n"


def _describe(
    draft: Draft,
    images: Sequence[str],
    findings: Sequence[Finding],
    forecast: Mapping[str, Any] | None,
    *,
    is_ready: bool,
) -> dict[str, object]:
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "handoff",
        "draft_id": draft.draft_id,
        "ready": is_ready,
        "title": draft.title,
        "body": draft.body,
        "tags": list(draft.tags),
        "images": list(images),
        "missing": list(draft.missing),
        "sponsored": draft.sponsored,
        "model_used": draft.model_used,
        "findings": [asdict(finding) for finding in findings],
        "forecast": dict(forecast) if forecast is not None else None,
        "draft": asdict(draft),
    }
