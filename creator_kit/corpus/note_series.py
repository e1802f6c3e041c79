"""A note's counts by the hour and day, placed: which own note they are of, and how far it was at which age."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from creator_kit.clock import BEIJING
from creator_kit.corpus.note import Note
from creator_kit.corpus.reading import NoteSeries
from creator_kit.errors import InputError
from creator_kit.locale import _

SOURCE = "creator-centre-note"
# Of the hours of a first day each is kept, then each sixth until the third day, then the days.
_HOURLY_UNTIL, _SIX_HOURLY_UNTIL = 24, 72


def fold_title(title: str) -> str:
    """``title`` as it is compared with a file's name, in which some characters cannot stand."""
    text = unicodedata.normalize("NFKC", title).casefold()
    return "".join(character for character in text if unicodedata.category(character)[0] in "LN") or text.strip()


def place_series(series: NoteSeries, own_notes: Iterable[Note]) -> list[Note]:
    """``series`` as sightings of the own note of that title, oldest first, its counts added up from its posting on.

    Of several notes of one title it is the latest that was posted before the series ends and not before it begins.
    Raises InputError where there is none, or where the series begins after the note was posted: then what came before
    is not known.
    """
    wanted = fold_title(series.title)
    posted = [
        (datetime.fromisoformat(note.published_at), note)
        for note in own_notes
        if note.published_at and len(note.published_at) > 10 and fold_title(note.title) == wanted
    ]
    if not posted:
        raise InputError(
            _("no note of yours is called '{title}'").format(title=series.title),
            where=series.where,
            hint=_("add the note list (笔记列表明细表) first, and keep the file's name: TITLE-数据明细表.xlsx"),
        )
    posted.sort(key=lambda pair: (pair[0], pair[1].note_id))
    for at, note in reversed(posted):
        seen = _add_up(series, at)
        if seen:
            return [_sighting(note, moment, counts) for moment, counts in seen]
    raise InputError(
        _("its counts do not begin when '{title}' was posted ({posted}), so what came before is not known").format(
            title=series.title, posted=posted[-1][0].isoformat(sep=" ", timespec="minutes")[:16]
        ),
        where=series.where,
        hint=_("export the sheet again with its whole time; other notes' sheets are not affected"),
    )


def _add_up(series: NoteSeries, posted: datetime) -> list[tuple[datetime, dict[str, int]]]:
    """(moment, counts by then), by the hour as far as the hours go, then by the day; empty where posting lies
    outside."""
    end = datetime.fromisoformat(series.exported_at) if series.exported_at else None
    found: dict[datetime, dict[str, int]] = {}
    for by_moment, step, first in (
        (series.days, timedelta(days=1), posted.replace(hour=0, minute=0, second=0, microsecond=0)),
        (series.hours, timedelta(hours=1), posted.replace(minute=0, second=0, microsecond=0)),
    ):
        at = {_moment(key): counts for key, counts in by_moment.items()}
        # The hour (the day) of posting must be there, or the sum lacks what came in it.
        if first not in at:
            continue
        so_far: dict[str, int] = {}
        own: dict[datetime, dict[str, int]] = {}
        for moment in sorted(at):
            if moment < first or (end is not None and moment > end):
                continue
            for metric, count in at[moment].items():
                so_far[metric] = so_far.get(metric, 0) + count
            until = moment + step
            own[min(until, end) if end is not None else until] = dict(so_far)
        # Hours say more than days where both are there.
        last = max(own, default=first)
        found = {moment: counts for moment, counts in found.items() if moment > last} | own
    moments = sorted(moment for moment in found if moment > posted)
    kept = [moment for k, moment in enumerate(moments) if _is_kept(moment - posted) or k == len(moments) - 1]
    return [(moment, found[moment]) for moment in kept if any(found[moment].values())]


def _is_kept(age: timedelta) -> bool:
    hours = round(age.total_seconds() / 3600)
    if hours <= _HOURLY_UNTIL:
        return True
    return hours % (6 if hours <= _SIX_HOURLY_UNTIL else 24) == 0


def _moment(key: str) -> datetime:
    return datetime.fromisoformat(key + ":00" if len(key) == 13 else key).replace(tzinfo=BEIJING)


def _sighting(note: Note, at: datetime, counts: dict[str, int]) -> Note:
    return Note(
        note_id=note.note_id,
        author=note.author,
        title=note.title,
        type=note.type,
        published_at=note.published_at,
        observed_at=at.astimezone(BEIJING).isoformat(timespec="seconds"),
        source=SOURCE,
        **cast(Any, counts),
    )
