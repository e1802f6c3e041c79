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
from typing import Any

from creator_kit.corpus.note import Note
from creator_kit.exposure.backtest import wilson_interval
from creator_kit.exposure.forecast import Forecast
from creator_kit.exposure.history import SETTLED_DAYS
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
    document["channel_p_at_least"] = {
        name: {str(n): p for n, p in chances.items()} for name, chances in forecast.channel_p_at_least.items()
    }
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
    """A forecast beside its result. P10, P50, P90 are of impressions by ``age_hours``, the note's age at the export
    that settles it, at most the forecast's horizon; ``is_inside`` says whether the result lay in that 80 % interval."""

    draft_id: str
    title: str
    made_at: str
    published_at: str
    p10: float
    p50: float
    p90: float
    impressions: int
    age_hours: int

    @property
    def is_inside(self) -> bool:
        return self.p10 <= self.impressions <= self.p90


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """Settled forecasts, oldest first, the number still open, and the coverage with its 95 % interval (None
    without any settled). ``coverage_so_far`` is the coverage over time: of the first, the first two, and so on."""

    settled: tuple[Settlement, ...]
    n_open: int
    coverage: float | None
    coverage_low: float | None
    coverage_high: float | None

    @property
    def coverage_so_far(self) -> list[float]:
        """(settled,) share that lay inside, of each and those before it."""
        inside = 0
        return [(inside := inside + s.is_inside) / k for k, s in enumerate(self.settled, 1)]


def settle_ledger(
    documents: Iterable[str], own_notes: Iterable[Note], *, note_of_draft: Mapping[str, str] | None = None
) -> LedgerReport:
    """Match forecasts (JSON ``documents``) with own notes by title, published after the forecast was made.

    ``note_of_draft`` maps draft ids to the notes that they are known to have become; those go before titles.

    A note younger than ``SETTLED_DAYS`` at its export leaves its forecast open; one younger than the forecast's horizon
    is held against the forecast's interval at that age. Of several forecasts of one draft the last before publication
    counts: it is the one the author acted on.
    """
    by_title: dict[str, list[Note]] = {}
    by_id: dict[str, Note] = {}
    for note in own_notes:
        if not note.impressions or not note.published_at or _age_hours(note) < 24 * SETTLED_DAYS:
            continue
        by_id[note.note_id] = note
        if note.title:
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
        age_hours, (p10, p50, p90) = _interval_at(entry["forecast"], _age_hours(note))
        last[draft_id] = Settlement(
            draft_id=draft_id,
            title=str(entry["title"]),
            made_at=made_at,
            published_at=str(note.published_at),
            p10=p10,
            p50=p50,
            p90=p90,
            impressions=int(note.impressions or 0),
            age_hours=age_hours,
        )
    settled = tuple(sorted(last.values(), key=lambda s: (s.published_at, s.draft_id)))
    if not settled:
        return LedgerReport((), len(open_drafts), None, None, None)
    n_inside = sum(s.is_inside for s in settled)
    low, high = wilson_interval(n_inside, len(settled))
    return LedgerReport(settled, len(open_drafts), n_inside / len(settled), low, high)


def _age_hours(note: Note) -> float:
    """The note's age at its export; endless where the export does not say when it was made."""
    if not note.observed_at or not note.published_at:
        return float("inf")
    seen, posted = (datetime.fromisoformat(text) for text in (note.observed_at, note.published_at))
    return (seen.replace(tzinfo=None) - posted.replace(tzinfo=None)).total_seconds() / 3600


def _interval_at(forecast: dict[str, Any], age_hours: float) -> tuple[int, tuple[float, float, float]]:
    """(age, P10 to P90 by then) of a forecast's document: at its horizon, or at the last kept age before that."""
    # Documents of other versions may lack the curve: then only the horizon is known.
    hours = forecast.get("band_hours") or []
    horizon = 24 * int(forecast.get("horizon_days", 30))
    names = ("p10", "p50", "p90")
    if age_hours < horizon:
        reached = [k for k, hour in enumerate(hours) if hour <= age_hours]
        if reached:
            at = reached[-1]
            p10, p50, p90 = (float(forecast["band"][name][at]) for name in names)
            return int(hours[at]), (p10, p50, p90)
    p10, p50, p90 = (float(forecast["quantiles"]["impressions"][name]) for name in names)
    return horizon, (p10, p50, p90)
