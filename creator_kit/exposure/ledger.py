"""The ledger: a forecast that is written down before posting, and what came of it.

The workspace keeps the document under an id made of the draft and the hash of every input, and never replaces
one that is there, so a forecast cannot be improved afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from creator_kit.corpus.note import Note
from creator_kit.exposure.backtest import wilson_interval
from creator_kit.exposure.forecast import Forecast
from creator_kit.workspace import Workspace

SCHEMA_VERSION = 1
# The document keeps the curve at these ages: hourly for a day, then every six hours, then daily.
_KEPT_HOURS = (*range(1, 25), *range(30, 73, 6), *range(96, 366 * 24, 24))


def forecast_document(forecast: Forecast) -> dict[str, object]:
    """``forecast`` as plain JSON values, the curve at a few ages."""
    kept = [hour for hour in _KEPT_HOURS if forecast.band_hours and hour <= forecast.band_hours[-1]]
    document = asdict(forecast)
    document["band_hours"] = kept
    document["band"] = {
        name: [values[forecast.band_hours.index(hour)] for hour in kept] for name, values in forecast.band.items()
    }
    document["p_at_least"] = {str(n): p for n, p in forecast.p_at_least.items()}
    return document


def record_forecast(workspace: Workspace, forecast: Forecast, *, draft_id: str, title: str, made_at: datetime) -> str:
    """Write ``forecast`` of a draft into the ledger; returns its id. The same forecast is written once."""
    forecast_id = hashlib.sha256(f"{draft_id}\n{forecast.inputs_hash}".encode()).hexdigest()[:16]
    document = {
        "schema_version": SCHEMA_VERSION,
        "draft_id": draft_id,
        "title": title,
        "made_at": made_at.isoformat(timespec="seconds"),
        "forecast": forecast_document(forecast),
    }
    workspace.save_forecast(
        forecast_id,
        draft_id=draft_id,
        made_at=made_at.isoformat(timespec="seconds"),
        inputs_hash=forecast.inputs_hash,
        document=json.dumps(document, ensure_ascii=False, sort_keys=True),
    )
    return forecast_id


@dataclass(frozen=True, slots=True)
class Settlement:
    """A forecast beside its result. ``is_inside`` says whether the result lay in the 80 % interval."""

    draft_id: str
    title: str
    made_at: str
    published_at: str
    p10: float
    p50: float
    p90: float
    impressions: int

    @property
    def is_inside(self) -> bool:
        return self.p10 <= self.impressions <= self.p90


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """Settled forecasts, oldest first, the number still open, and the coverage with its 95 % interval (None
    without any settled)."""

    settled: tuple[Settlement, ...]
    n_open: int
    coverage: float | None
    coverage_low: float | None
    coverage_high: float | None


def settle_ledger(
    documents: Iterable[str], own_notes: Iterable[Note], *, note_of_draft: Mapping[str, str] | None = None
) -> LedgerReport:
    """Match forecasts (JSON ``documents``) with own notes by title, published after the forecast was made.

    ``note_of_draft`` maps draft ids to the notes that they are known to have become; those go before titles.

    Of several forecasts of one draft the last before publication counts: it is the one the author acted on.
    """
    by_title: dict[str, list[Note]] = {}
    by_id: dict[str, Note] = {}
    for note in own_notes:
        if note.impressions and note.published_at:
            by_id[note.note_id] = note
        if note.title and note.impressions and note.published_at:
            by_title.setdefault(note.title.strip(), []).append(note)
    entries = sorted((json.loads(text) for text in documents), key=lambda d: (str(d["made_at"]), str(d["draft_id"])))
    last: dict[str, Settlement] = {}
    open_drafts: set[str] = set()
    for entry in entries:
        draft_id, made_at = str(entry["draft_id"]), str(entry["made_at"])
        known = by_id.get((note_of_draft or {}).get(draft_id, ""))
        later = [
            note
            for note in ([known] if known is not None else by_title.get(str(entry["title"]).strip(), []))
            if datetime.fromisoformat(str(note.published_at)[:19]) >= datetime.fromisoformat(made_at[:19])
        ]
        if not later:
            if draft_id not in last:
                open_drafts.add(draft_id)
            continue
        open_drafts.discard(draft_id)
        note = min(later, key=lambda n: (str(n.published_at), n.note_id))
        totals = entry["forecast"]["quantiles"]["impressions"]
        last[draft_id] = Settlement(
            draft_id=draft_id,
            title=str(entry["title"]),
            made_at=made_at,
            published_at=str(note.published_at),
            p10=float(totals["p10"]),
            p50=float(totals["p50"]),
            p90=float(totals["p90"]),
            impressions=int(note.impressions or 0),
        )
    settled = tuple(sorted(last.values(), key=lambda s: (s.published_at, s.draft_id)))
    if not settled:
        return LedgerReport((), len(open_drafts), None, None, None)
    n_inside = sum(s.is_inside for s in settled)
    low, high = wilson_interval(n_inside, len(settled))
    return LedgerReport(settled, len(open_drafts), n_inside / len(settled), low, high)
