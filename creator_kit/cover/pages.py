"""A list of points as a carousel: the pages after the cover, in its colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from creator_kit.cover.boxes import LaidOutCover
from creator_kit.cover.fonts import Fonts
from creator_kit.cover.layout import CoverTexts, layout_cover
from creator_kit.cover.palette import Palette
from creator_kit.cover.spec import CoverLayout
from creator_kit.errors import UsageError
from creator_kit.locale import _
from creator_kit.text.length import IMAGES_LIMIT

PAGE_LAYOUT = "page-points"
MAX_INNER_PAGES = 8  # with the cover nine; a reader swipes no further, and the platform takes eighteen


def split_points(points: tuple[str, ...], per_page: int) -> list[tuple[str, ...]]:
    """``points`` in order on as few pages as hold them, as evenly as can be (7 points, 4 a page: 4 and 3)."""
    n_pages = -(-len(points) // per_page)
    base, extra = divmod(len(points), n_pages) if n_pages else (0, 0)
    pages, start = [], 0
    for i in range(n_pages):
        end = start + base + (1 if i < extra else 0)
        pages.append(points[start:end])
        start = end
    return pages


def layout_pages(
    texts: CoverTexts,
    *,
    layouts: Mapping[str, CoverLayout],
    size_px: tuple[int, int],
    palette: Palette,
    fonts: Fonts,
) -> Iterator[LaidOutCover]:
    """The inner pages for ``texts.points``, numbered on from page to page.

    Raises UsageError when there are no points or more than the pages hold, TextTooLongError for one that fits none.
    """
    spec = layouts[PAGE_LAYOUT]
    if not texts.points:
        raise UsageError(_("there are no points for inner pages"), hint=_("add --point TEXT once for each"))
    per_page = spec.n_points[1]
    if len(texts.points) > per_page * MAX_INNER_PAGES:
        raise UsageError(
            _("{n} points are too many for {pages} pages (the platform takes {limit} images)").format(
                n=len(texts.points), pages=MAX_INNER_PAGES, limit=IMAGES_LIMIT
            )
        )
    first = 1
    for page in split_points(texts.points, per_page):
        yield layout_cover(
            spec,
            replace(texts, points=page, subtitle="", price=""),
            size_px=size_px,
            palette=palette,
            fonts=fonts,
            first_number=first,
        )
        first += len(page)
