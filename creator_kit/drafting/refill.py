"""The person's fill-ins put into the gaps of a draft."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from creator_kit.drafting.draft import MISSING_CLOSE, MISSING_OPEN, Draft, SlotFill
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _
from creator_kit.text.length import BODY_LIMIT, TITLE_LIMIT, count_body_characters, count_title_units

_GAP = re.compile(re.escape(MISSING_OPEN) + "(.*?)" + re.escape(MISSING_CLOSE))
_KEYCAP_COUNT = 9


def refill_draft(draft: Draft, texts: Sequence[str]) -> Draft:
    """``draft`` with its gaps filled by ``texts`` in the order of ``draft.missing``; "" leaves a gap open.

    A text of several lines in a gap for steps or points is numbered. Every fill-in is recorded with the source
    ``person``. Raises UsageError for more texts than gaps, InputError where title or body grow too long.
    """
    if len(texts) > len(draft.missing):
        raise UsageError(
            _("{n} fill-ins for {gaps} gaps").format(n=len(texts), gaps=len(draft.missing)),
            hint=_("the gaps are, in order: {names}").format(names="；".join(draft.missing)) if draft.missing else None,
        )
    rest = iter(texts)
    fills: list[SlotFill] = []

    def put(match: re.Match[str]) -> str:
        text = next(rest, "").strip()
        if not text:
            return match.group()
        fills.append(SlotFill("fill", text, "person"))
        return _number(text) if match.group(1).startswith(("步骤", "要点")) else text

    title = _GAP.sub(put, draft.title)
    body = _GAP.sub(put, draft.body)
    if count_title_units(title) > TITLE_LIMIT:
        raise InputError(
            _("the title would have {n} units, {limit} are allowed: {title}").format(
                n=count_title_units(title), limit=TITLE_LIMIT, title=title
            )
        )
    length = count_body_characters(body + "\n\n" + " ".join(f"#{tag}" for tag in draft.tags))
    if length > BODY_LIMIT:
        raise InputError(
            _("the body would have {n} characters, {limit} are allowed").format(n=length, limit=BODY_LIMIT)
        )
    return replace(
        draft,
        title=title,
        body=body,
        missing=tuple(_GAP.findall(f"{title}\n{body}")),
        body_fills=(*draft.body_fills, *fills),
    )


def _number(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return text
    return "\n".join(
        f"{n}\ufe0f\u20e3 {line}" if len(lines) <= _KEYCAP_COUNT else f"{n}. {line}"
        for n, line in enumerate(lines, start=1)
    )
