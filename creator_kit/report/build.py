"""The page from end to end: read once, shrink the pictures, render, and put all of it in place at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from creator_kit.corpus.note import Note
from creator_kit.corpus.store import iter_notes
from creator_kit.cover.small import OPEN_WIDTH_PX
from creator_kit.datafiles import replace_folder, storage_error, write_text
from creator_kit.drafting import Draft, draft_from_json
from creator_kit.errors import InputError, UsageError
from creator_kit.exposure import NoteInput
from creator_kit.handoff import Picture, render_page
from creator_kit.handoff.texts import texts_in_both
from creator_kit.locale import Both, _, in_both
from creator_kit.mining import TitleTemplate, load_library
from creator_kit.persona import load_persona
from creator_kit.planning.account import load_account
from creator_kit.planning.slot import Slot
from creator_kit.report.drafts import Packs, load_neighbours, make_card, make_view, newest_forecasts
from creator_kit.report.examples import load_example_words
from creator_kit.report.forecasts import collect_forecast, describe_basis, fit_own
from creator_kit.report.model import Card, ClassPart, DraftWhatIf, Report
from creator_kit.report.patterns import collect_library
from creator_kit.report.pictures import (
    FOLDER,
    SINGLE_WIDTHS_PX,
    THUMB_WIDTHS_PX,
    Small,
    beside,
    count_jobs,
    embed,
    fit_width,
    open_cache,
    prune_cache,
    shrink_pictures,
)
from creator_kit.report.plan import collect_plan
from creator_kit.report.texts import tell_page_texts
from creator_kit.report.trainees import anchor_of, collect_class
from creator_kit.review import load_rules
from creator_kit.review.rules import RuleSet
from creator_kit.workspace import Workspace

PAGE_NAME = "index.html"
DRAFTS_PER_PAGE = 500
# All pictures that a page shows before anything is opened, so that the page stays under 10 MB.
PICTURE_BUDGET_BYTES = 6_000_000
_GENERATOR = b'content="creator_kit report"'


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """``out`` is the folder to write (or with ``single_file`` the folder of the one file); ``class_dir`` holds
    trainees' drafts, judged by ``persona``."""

    out: Path
    now: datetime
    seed: int = 0
    single_file: bool = False
    class_dir: Path | None = None
    persona: str | None = None


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """What was written: the first ``page``, how many, drafts shown of all, and bytes of pages and of pictures."""

    page: Path
    n_pages: int
    n_drafts: int
    n_shown: int
    n_without_cover: int
    page_bytes: int
    thumb_bytes: int
    total_bytes: int


def write_report(workspace: Workspace | None, options: ReportOptions) -> WrittenReport:
    """Write the page of ``workspace`` (None only for a class), whole or not at all.

    Raises InputError, UsageError or StorageError; then what was there stays.
    """
    _check_target(options)
    root = workspace.root if workspace is not None else None
    with open_cache(root) as cache:
        pages, files = _collect(workspace, options, cache)
        used = {small.name for small in files}
        sizes = []
        texts = texts_in_both(tell_page_texts)
        html = []
        for report in pages:
            spans = sorted({card.span for card in report.cards} | {item.span for item in report.neighbours})
            css = "".join(f".s{span}{{grid-row-end:span {span}}}" for span in spans)
            html.append(render_page("report.html.j2", {"r": report, "t": texts}, extra_css=css))
            sizes.append(len(html[-1].encode("utf-8")))
        if options.single_file:
            write_text(options.out / PAGE_NAME, html[0])
        else:
            with replace_folder(options.out) as building:
                for report, text in zip(pages, html, strict=True):
                    name = next((address for address, _range, is_this in report.pages if is_this), PAGE_NAME)
                    write_text(building / name, text)
                (building / FOLDER).mkdir()
                for small in {small.name: small for small in files}.values():
                    (building / FOLDER / small.name).write_bytes(small.path.read_bytes())
        prune_cache(cache, used)
        shown = sum(len(report.cards) for report in pages)
        thumbs = {small.name: small for small in files if not small.name.endswith(f"-{OPEN_WIDTH_PX}.webp")}
        beside_bytes = 0 if options.single_file else sum({small.name: small.n_bytes for small in files}.values())
        return WrittenReport(
            page=options.out / PAGE_NAME,
            n_pages=len(pages),
            n_drafts=pages[0].n_drafts,
            n_shown=shown,
            n_without_cover=sum(card.thumb is None for report in pages for card in report.cards),
            page_bytes=max(sizes),
            thumb_bytes=0 if options.single_file else sum(small.n_bytes for small in thumbs.values()),
            total_bytes=sum(sizes) + beside_bytes,
        )


def _check_target(options: ReportOptions) -> None:
    out = options.out
    if out.exists() and not out.is_dir():
        raise InputError(_("this is a file, not a folder"), where=str(out), hint=_("give a folder: --out DIR"))
    if options.single_file or not out.exists():
        return
    try:
        names = {path.name for path in out.iterdir()}
    except OSError as error:
        raise storage_error(error, out) from error
    if names and not _is_ours(out / PAGE_NAME):
        raise UsageError(
            _("this folder holds other things than a report, and a report replaces its folder"),
            where=str(out),
            hint=_("give a new or empty folder: --out DIR"),
        )


def _is_ours(page: Path) -> bool:
    try:
        with page.open("rb") as file:
            return _GENERATOR in file.read(4000)
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class _Shown:
    """A draft that the page shows, with its anchor and the pictures that are there."""

    draft: Draft
    pictures: tuple[Path, ...]
    n_lost: int


def _collect(workspace: Workspace | None, options: ReportOptions, cache: Path) -> tuple[list[Report], list[Small]]:
    root = workspace.root if workspace is not None else None
    rules = load_rules(root)
    packs = Packs(root)
    trainees: ClassPart | None = None
    if options.class_dir is not None:
        trainees, drafts = _collect_trainees(workspace, options, rules)
        base: Path | None = options.class_dir
    else:
        assert workspace is not None
        base = workspace.root
        # Newest first; of one day the one drafted last.
        drafts = [draft_from_json(text) for text in reversed(workspace.list_drafts())]
    n_drafts = len(drafts)
    if options.single_file:
        drafts = drafts[:DRAFTS_PER_PAGE]
    shown = [_find_pictures(draft, base, inside=options.class_dir is not None) for draft in drafts]
    small, opened, files = _shrink(shown, cache, options)
    if workspace is None or options.class_dir is not None:
        report = Report(
            title=options.class_dir.name if options.class_dir else "",
            day=options.now.date().isoformat(),
            cards=(),
            n_drafts=n_drafts,
            neighbours=(),
            personas=(),
            forecast=None,
            patterns=None,
            plan=None,
            trainees=trainees,
            steps=(),
            pages=(),
        )
        slots, forecasts, templates, what_ifs = {}, {}, {}, {}
    else:
        own = list(iter_notes(workspace, own=True, texts=False))
        account = load_account(workspace, today=options.now.date())
        library = load_library(workspace.root)
        templates = {item.template_id: item for item in library}
        slots = {slot.ref: slot for slot in account.slots if slot.ref and slot.state == "planned"}
        forecasts = newest_forecasts(workspace.list_forecasts())
        covers = {
            item.draft.draft_id: small[item.pictures[0]]
            for item in shown
            if item.pictures and item.pictures[0] in small
        }
        profile = fit_own(workspace, own)
        forecast = None
        if drafts or own:
            forecast = collect_forecast(workspace, own, drafts, profile, cache, seed=options.seed)
        what_ifs = {item.draft_id: item for item in forecast.drafts} if forecast else {}
        report = Report(
            title=workspace.settings.account,
            day=options.now.date().isoformat(),
            cards=(),
            n_drafts=n_drafts,
            neighbours=load_neighbours(workspace.root),
            personas=tuple(sorted({draft.persona for draft in drafts if draft.persona})),
            forecast=forecast,
            patterns=collect_library(library, drafts, load_example_words(workspace.root)),
            plan=collect_plan(
                workspace,
                account,
                covers,
                lambda: describe_basis(profile, NoteInput()),
                now=options.now,
                seed=options.seed,
            ),
            trainees=None,
            steps=_next_steps(workspace, drafts, own, n_slots=len(account.slots)),
            pages=(),
        )
    pages = []
    store = tuple({picture.symbol: picture for picture in opened.values() if picture.symbol}.values())
    n_pages = max(-(-len(shown) // DRAFTS_PER_PAGE), 1)
    for number in range(n_pages):
        part = shown[number * DRAFTS_PER_PAGE : (number + 1) * DRAFTS_PER_PAGE]
        cards = tuple(
            _card(
                item,
                small,
                opened,
                packs,
                rules,
                templates,
                forecasts.get(item.draft.draft_id),
                what_ifs.get(item.draft.draft_id),
                slots.get(item.draft.draft_id),
            )
            for item in part
        )
        page = replace(report, cards=cards, pages=_page_links(number, n_pages, len(shown)), store=store)
        # Further pages hold drafts alone.
        pages.append(page if number == 0 else replace(page, forecast=None, patterns=None, plan=None, trainees=None))
    return pages, files


def _page_links(current: int, n_pages: int, n_drafts: int) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (
            PAGE_NAME if number == 0 else f"drafts-{number + 1}.html",
            f"{number * DRAFTS_PER_PAGE + 1}–{min((number + 1) * DRAFTS_PER_PAGE, n_drafts)}",
            number == current,
        )
        for number in range(n_pages)
    )


def _find_pictures(draft: Draft, base: Path | None, *, inside: bool) -> _Shown:
    """The draft's image files that exist; with ``inside`` only those in the folder itself."""
    found = []
    for image in draft.images:
        path = (base or Path()) / image
        try:
            is_there = path.is_file() and (not inside or path.resolve().is_relative_to((base or Path()).resolve()))
        except OSError:
            is_there = False
        if is_there:
            found.append(path)
    return _Shown(draft, tuple(found), len(draft.images) - len(found))


def _shrink(
    shown: Sequence[_Shown], cache: Path, options: ReportOptions
) -> tuple[dict[Path, Picture], dict[Path, Picture], list[Small]]:
    """Thumbnails of covers and pictures of opened notes by their files, and all small pictures in use."""
    jobs = count_jobs()
    covers = [item.pictures[0] for item in shown if item.pictures]
    everything = [path for item in shown for path in item.pictures]
    if options.single_file:
        width = fit_width(everything, cache, SINGLE_WIDTHS_PX, budget_bytes=PICTURE_BUDGET_BYTES, share=4 / 3)
        (small,) = shrink_pictures(everything, cache, [width], n_jobs=jobs)
        # Each picture stands in the page once; the feed and the opened note share it.
        pictures = {path: embed(item) for path, item in small.items()}
        return pictures, pictures, list(small.values())
    first_page = covers[:DRAFTS_PER_PAGE]
    width = fit_width(first_page, cache, THUMB_WIDTHS_PX, budget_bytes=PICTURE_BUDGET_BYTES)
    opened, thumbs = shrink_pictures(covers, cache, [OPEN_WIDTH_PX, width], n_jobs=jobs)
    rest = [path for path in everything if path not in opened]
    opened |= shrink_pictures(rest, cache, [OPEN_WIDTH_PX], n_jobs=jobs)[0]
    return (
        {path: beside(item) for path, item in thumbs.items()},
        {path: beside(item) for path, item in opened.items()},
        [*thumbs.values(), *opened.values()],
    )


def _card(
    item: _Shown,
    small: dict[Path, Picture],
    opened: dict[Path, Picture],
    packs: Packs,
    rules: RuleSet,
    templates: dict[str, TitleTemplate],
    forecast: dict[str, Any] | None,
    what_if: DraftWhatIf | None,
    slot: Slot | None,
) -> Card:
    pictures = [opened[path] for path in item.pictures if path in opened]
    n_lost = item.n_lost + len(item.pictures) - len(pictures)
    note = None
    if n_lost:
        note = in_both(
            lambda: _(
                "{n} of its pictures are missing or cannot be read; draw them again: creator-kit cover {id}"
            ).format(n=n_lost, id=item.draft.draft_id)
        )
    view = make_view(item.draft, packs(item.draft.persona), rules, pictures, note=note)
    thumb = small.get(item.pictures[0]) if item.pictures else None
    return make_card(
        item.draft,
        view,
        thumb,
        picture_note=note,
        templates=templates,
        forecast=forecast,
        what_if=what_if,
        slot=slot,
    )


def _collect_trainees(
    workspace: Workspace | None, options: ReportOptions, rules: RuleSet
) -> tuple[ClassPart, list[Draft]]:
    from creator_kit.drafting import read_drafts

    assert options.class_dir is not None
    root = workspace.root if workspace is not None else None
    name = options.persona
    if name is None:
        name = next((item.draft.persona for item in read_drafts(options.class_dir) if item.draft is not None), "blank")
    known = []
    if workspace is not None:
        known = [(note.note_id, note.title, note.body) for note in iter_notes(workspace) if note.body]
    part, trainees = collect_class(options.class_dir, load_persona(name, root), rules, known)
    # The page addresses a draft by where it lies: two trainees may hand in drafts of one id.
    drafts = [replace(item.draft, draft_id=anchor_of(item.where)) for item in trainees if item.draft is not None]
    return part, drafts


def _next_steps(
    workspace: Workspace, drafts: Sequence[Draft], own: Sequence[Note], *, n_slots: int
) -> tuple[tuple[str, Both], ...]:
    """Commands that would fill what is empty, in the order in which one needs them."""
    steps = []
    if not workspace.count_notes(own=False):
        steps.append(
            (
                "creator-kit corpus add FILE...",
                in_both(lambda: _("bring notes of your field; templates come from them")),
            )
        )
    if not drafts:
        steps.append(("creator-kit draft 一人食番茄牛腩", in_both(lambda: _("draft a note on a topic of yours"))))
        steps.append(("creator-kit cover last", in_both(lambda: _("draw its cover"))))
    elif not any(draft.images for draft in drafts):
        steps.append((f"creator-kit cover {drafts[0].draft_id}", in_both(lambda: _("draw the covers"))))
    if not n_slots:
        steps.append(("creator-kit plan make", in_both(lambda: _("plan the next weeks"))))
    if not own:
        steps.append(
            (
                "creator-kit results add 笔记列表明细表.xlsx",
                in_both(lambda: _("your own results make the forecast yours")),
            )
        )
    return tuple(steps)
