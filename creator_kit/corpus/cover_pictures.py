"""Pictures that a downloader saved beside an export: which is the cover of which note of the store.

* MediaCrawler: ``images/<note id>/0.jpg, 1.jpg …`` (some forks: ``<time>_<note id>/images/0.jpg``).
* XHS-Downloader: ``<publishing time>_<nickname>_<title>_1.png …``, the parts as the user set them; with 作品ID among
  them the id is used, else the time to the second together with the title.

Ids are hashed like those of the notes before they are looked up; only measurements go into the store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from creator_kit.corpus.anonymise import Anonymiser
from creator_kit.corpus.cover_measures import (
    METHOD,
    METHOD_WITH_FACES,
    CoverMeasures,
    choose_method,
    measure_cover_file,
)
from creator_kit.errors import CreatorKitError, InputError
from creator_kit.locale import _
from creator_kit.workers import map_in_order
from creator_kit.workspace import Workspace, cover_table

_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic"))
_ID = re.compile(r"(?<![0-9a-z])[0-9a-f]{24}(?![0-9a-z])", re.IGNORECASE)
_NUMBER = re.compile(r"(?:^|[_\- ])(\d{1,3})$")
_TIME = re.compile(r"(20\d\d-\d\d-\d\d)[ _T](\d\d)[.:：](\d\d)[.:：](\d\d)")
# What XHS-Downloader leaves of a title in a file's name; the rest becomes "_".
_NOT_IN_NAMES = re.compile(r"[^\u4e00-\u9fffa-zA-Z0-9\-！？，。；：“”（）《》]+")
_CHUNK = 200
MAX_PROBLEMS_KEPT = 20


@dataclass(frozen=True, slots=True)
class CoverPicture:
    """The first picture of a note: the ids that its path names (an author's may be among them), or its time."""

    path: Path
    ids: tuple[str, ...]
    published_at: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class CoverReport:
    """What a folder of pictures gave. ``n_pictures`` were seen; ``n_measured`` covers are new, ``n_known`` were
    measured before; ``n_unmatched`` belong to no note of the store, ``n_unnamed`` name neither id nor time,
    ``n_without_first`` notes lack their first picture. ``problems`` are the first of ``n_problems`` unreadable ones.
    """

    folder: Path
    n_pictures: int = 0
    n_measured: int = 0
    n_known: int = 0
    n_unmatched: int = 0
    n_unnamed: int = 0
    n_without_first: int = 0
    n_problems: int = 0
    problems: tuple[str, ...] = ()


@dataclass
class FoundCovers:
    """The covers of a folder, and how many pictures gave none."""

    covers: list[CoverPicture] = field(default_factory=list)
    n_pictures: int = 0
    n_unnamed: int = 0
    n_without_first: int = 0


def find_covers(folder: Path) -> FoundCovers:
    """The covers in ``folder`` and below, by path. Raises InputError when it is no folder."""
    if not folder.is_dir():
        raise InputError(_("no such folder of pictures"), where=str(folder), hint=_("check the path after --images"))
    found = FoundCovers()
    groups: dict[tuple[tuple[str, ...], str, str], list[tuple[int | None, Path]]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in _SUFFIXES or path.name.startswith(".") or not path.is_file():
            continue
        found.n_pictures += 1
        stem = path.stem
        numbered = _NUMBER.search(stem)
        number = int(numbered[1]) if numbered else None
        parts = path.relative_to(folder).parts
        ids = tuple(dict.fromkeys(one.lower() for part in reversed((*parts[:-1], stem)) for one in _ID.findall(part)))
        name = stem[: numbered.start()] if numbered else stem
        name = next((part for part in (name, *reversed(parts[:-1])) if _TIME.search(part)), "")
        at = _TIME.search(name)
        if not ids and not at:
            found.n_unnamed += 1
            continue
        moment = f"{at[1]}T{at[2]}:{at[3]}:{at[4]}+08:00" if at else ""
        groups.setdefault((ids, moment, name), []).append((number, path))
    for (ids, moment, name), pictures in groups.items():
        numbers = dict(reversed(pictures))
        first = next((numbers[n] for n in (0, 1) if n in numbers), numbers[None] if list(numbers) == [None] else None)
        if first is None:
            found.n_without_first += 1
        else:
            found.covers.append(CoverPicture(first, ids, moment, name))
    return found


def import_covers(
    workspace: Workspace,
    folder: Path,
    *,
    n_jobs: int = 1,
    on_progress: Callable[[int, int | None], None] | None = None,
) -> CoverReport:
    """Measure the covers in ``folder`` of notes that the store holds, and keep the measures.

    Covers measured before are passed over, so a second run, or one after an interruption, does only what is left.
    """
    found = find_covers(folder)
    pairs = _match(workspace, found.covers)
    method = choose_method()
    with workspace.reading() as db:
        # One that was measured with faces needs no second look without; the other way round it does.
        known = {note for one in range(method, METHOD_WITH_FACES + 1) for note in cover_table.find_measured(db, one)}
    todo = [(note, picture.path) for note, picture in pairs if note not in known]
    n_measured, problems, n_done = 0, list[str](), 0
    for start in range(0, len(todo), _CHUNK):
        chunk = todo[start : start + _CHUNK]
        rows = []
        results = map_in_order(_measure, [path for _note, path in chunk], n_jobs=n_jobs)
        for (note, _path), result in zip(chunk, results, strict=True):
            n_done += 1
            if isinstance(result, str):
                problems.append(result)
            else:
                rows.append((note, method, msgspec.json.encode(result).decode()))
            if on_progress is not None:
                on_progress(n_done, len(todo))
        with workspace.transaction() as db:
            cover_table.save_covers(db, rows)
        n_measured += len(rows)
    return CoverReport(
        folder,
        found.n_pictures,
        n_measured,
        len(pairs) - len(todo),
        len(found.covers) - len(pairs),
        found.n_unnamed,
        found.n_without_first,
        len(problems),
        tuple(problems[:MAX_PROBLEMS_KEPT]),
    )


def has_covers(workspace: Workspace) -> bool:
    """Whether any cover was measured."""
    with workspace.reading() as db:
        return any(cover_table.find_measured(db, method) for method in (METHOD, METHOD_WITH_FACES))


def load_cover_measures(workspace: Workspace) -> dict[str, CoverMeasures]:
    """Measures by note id (hashed), of all covers measured by the present methods."""
    decode = msgspec.json.Decoder(CoverMeasures).decode
    with workspace.reading() as db:
        return {
            note_id: decode(document)
            for method in (METHOD, METHOD_WITH_FACES)
            for note_id, document in cover_table.iter_covers(db, method)
        }


def _measure(path: Path) -> CoverMeasures | str:
    try:
        return measure_cover_file(path)
    except CreatorKitError as error:
        return str(error)


def _match(workspace: Workspace, covers: list[CoverPicture]) -> list[tuple[int, CoverPicture]]:
    """(note key, picture), each note once: the first picture by path that names it."""
    people = Anonymiser(workspace.hash_key)
    hashes = {one: people.note(one) for picture in covers for one in picture.ids}
    times = sorted({picture.published_at for picture in covers if picture.published_at})
    with workspace.reading() as db:
        by_id = cover_table.find_notes_by_id(db, sorted(set(hashes.values())))
        by_time = cover_table.find_notes_by_time(db, times)
    taken: dict[int, CoverPicture] = {}
    for picture in covers:
        notes = [by_id[hashes[one]] for one in picture.ids if hashes[one] in by_id]
        if not notes:
            notes = list(_with_title(picture.name, by_time.get(picture.published_at, [])))
        if len(notes) == 1:  # a picture that could be two notes' is nobody's
            taken.setdefault(notes[0], picture)
    return list(taken.items())


def _with_title(name: str, notes: list[tuple[int, str]]) -> Iterator[int]:
    """Keys of the notes whose title, as far as a file's name keeps it, stands in ``name``."""
    for note, title in notes:
        kept = _NOT_IN_NAMES.sub("_", title).strip("_")[:8].strip("_")
        if kept and kept in name:
            yield note
