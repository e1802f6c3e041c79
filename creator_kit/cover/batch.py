"""Many covers or photos at once, in several processes: the same files whatever their number, one failure is no end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from PIL import Image

from creator_kit.cover.drawing import CoverAssets, CoverOptions, DrawnCover, draw_draft_cover, load_cover_assets
from creator_kit.cover.labels import read_ai_label
from creator_kit.cover.photo import load_photo, read_exif
from creator_kit.cover.retouching import RetouchPreset, fit_photo, retouch_photo
from creator_kit.cover.saving import save_cover
from creator_kit.drafting.draft import Draft
from creator_kit.errors import CreatorKitError, StorageError, UsageError
from creator_kit.locale import _
from creator_kit.persona.model import CoverStyle
from creator_kit.workers import map_in_order

# What one process does in the time that another takes to start; see benchmarks/cover_batch.py.
_COVERS_PER_PROCESS, _PHOTOS_PER_PROCESS = 40, 3
# The platform scales larger pictures down itself, less carefully.
MAX_PHOTO_SIDE_PX = 2560
_PREVIEW_PX = 840


@dataclass(frozen=True)
class CoverTask:
    """One draft's cover to be drawn; the fields are the arguments of ``draw_draft_cover``."""

    draft: Draft
    style: CoverStyle | None
    path: Path
    options: CoverOptions = field(default_factory=CoverOptions)
    texts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BatchFailure:
    """Why one of a batch was not made. ``name`` is the draft's id or the photo's path."""

    name: str
    what: str
    where: str | None
    hint: str | None
    exit_code: int

    def __str__(self) -> str:
        return f"{self.name}: {self.what}" + (f"\n  {self.hint}" if self.hint else "")

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "error": self.what, "where": self.where, "hint": self.hint, "code": self.exit_code}


@dataclass(frozen=True)
class RetouchTask:
    """One photo to be retouched: ``ratio`` None keeps its own; ``has_previews`` asks for before and after, small;
    ``keeps_metadata`` leaves device, place and time in the file.
    """

    source: Path
    target: Path
    preset: RetouchPreset
    ratio: tuple[int, int] | None = (3, 4)
    has_previews: bool = False
    keeps_metadata: bool = False


@dataclass(frozen=True)
class RetouchedPhoto:
    """What was written; ``previews`` are (before, after) where they were asked for."""

    source: Path
    path: Path
    size_px: tuple[int, int]
    has_ai_label: bool
    previews: tuple[Image.Image, ...] = ()


def draw_draft_covers(
    tasks: Sequence[CoverTask], *, user_root: Path | None = None, font: Path | None = None, n_jobs: int = 1
) -> Iterator[DrawnCover | BatchFailure]:
    """Draw all ``tasks``; what came of each, in their order. Layouts, palettes and font are loaded once a process."""
    _load_assets.cache_clear()  # a workspace's files may have changed since the last batch
    n_used = _count_processes(n_jobs, len(tasks), _COVERS_PER_PROCESS)
    yield from map_in_order(partial(_draw, user_root=user_root, font=font), tasks, n_jobs=n_used)


def retouch_files(tasks: Sequence[RetouchTask], *, n_jobs: int = 1) -> Iterator[RetouchedPhoto | BatchFailure]:
    """Retouch all ``tasks``; what came of each, in their order. An original is never overwritten."""
    yield from map_in_order(_retouch, tasks, n_jobs=_count_processes(n_jobs, len(tasks), _PHOTOS_PER_PROCESS))


def _count_processes(n_jobs: int, n_tasks: int, worth: int) -> int:
    """At most ``n_jobs``, each with at least ``worth`` tasks, since it takes a second or two to start one."""
    return max(min(n_jobs, n_tasks // worth), 1)


@lru_cache(maxsize=2)
def _load_assets(user_root: Path | None, font: Path | None) -> CoverAssets:
    return load_cover_assets(user_root, font)


def _draw(task: CoverTask, *, user_root: Path | None, font: Path | None) -> DrawnCover | BatchFailure:
    try:
        return draw_draft_cover(
            task.draft,
            task.style,
            task.path,
            options=task.options,
            assets=_load_assets(user_root, font),
            texts=task.texts,
        )
    except StorageError:  # a full disk or a locked folder is so for all of them
        raise
    except CreatorKitError as error:
        return _fail(task.draft.draft_id, error)


def _retouch(task: RetouchTask) -> RetouchedPhoto | BatchFailure:
    try:
        return retouch_file(task)
    except StorageError:
        raise
    except CreatorKitError as error:
        return _fail(str(task.source), error)


def retouch_file(task: RetouchTask) -> RetouchedPhoto:
    """Retouch one photo. Raises UsageError where the target is the original, and what ``load_photo`` raises."""
    source, target = task.source, task.target
    if target.exists() and source.exists() and target.samefile(source):
        raise UsageError(
            _("this would overwrite the original"), where=str(source), hint=_("choose another --out folder")
        )
    image = load_photo(source)
    label = read_ai_label(image)
    before = fit_photo(image, task.ratio, MAX_PHOTO_SIDE_PX)
    after = retouch_photo(before, task.preset)
    save_cover(after, target, ai_label=label, exif=read_exif(source) if task.keeps_metadata else b"")
    previews: tuple[Image.Image, ...] = ()
    if task.has_previews:
        # Kept small: a folder of large photos must not fill the memory.
        small = (_PREVIEW_PX, round(_PREVIEW_PX * after.height / after.width))
        previews = (before.resize(small), after.resize(small))
    return RetouchedPhoto(source, target, after.size, label is not None, previews)


def _fail(name: str, error: CreatorKitError) -> BatchFailure:
    return BatchFailure(name, error.what, error.where, error.hint, error.exit_code)
