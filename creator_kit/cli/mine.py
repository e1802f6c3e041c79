"""``mine``: what hot notes have in common, in titles, bodies, topics and covers, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import (
    JsonOption,
    LimitOption,
    SeedOption,
    TodayOption,
    WorkspaceOption,
    enter_workspace,
    resolve_today,
)
from creator_kit.cli.output import print_json, progress, say, show, show_table
from creator_kit.cli.templates import describe_template, show_shapes, show_title_templates
from creator_kit.errors import UsageError
from creator_kit.locale import _

if TYPE_CHECKING:
    from creator_kit.corpus.heat import Heat
    from creator_kit.corpus.note import Note
    from creator_kit.mining.bodies import BodyLibrary
    from creator_kit.mining.covers import CoverHabit
    from creator_kit.mining.habits import Habit
    from creator_kit.mining.title_scorer import TitleScorer
    from creator_kit.mining.whole import Mined
    from creator_kit.workspace import Workspace

# Of shapes and habits, where titles come first.
SHORT_LIST = 8


# Mining the halves of a corpus takes about as long again, so larger ones are spared.
HALVES_UP_TO = 20_000


def register(app: typer.Typer) -> None:
    """Add this file's command to ``app``."""
    app.command(
        "mine",
        help=_("Find the templates of your corpus, of titles, bodies and topics, with support, lift and doubt."),
        epilog=_("Example: creator-kit mine --limit 20"),
    )(mine)


def mine(
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", metavar="DIR", help=_("Write titles/ and bodies/ here; else into the workspace's templates.")
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", help=_("File name of the library, without .toml."))] = "mined",
    max_templates: Annotated[int, typer.Option("--max-templates", min=1, help=_("Keep at most this many."))] = 300,
    score: Annotated[
        bool, typer.Option("--score/--no-score", help=_("Judge a title scorer on authors it has not seen, or not."))
    ] = True,
    covers: Annotated[
        bool, typer.Option("--covers", help=_("Instead: which habits of the measured covers go with hot notes."))
    ] = False,
    bodies: Annotated[
        bool, typer.Option("--bodies", help=_("Only shapes of bodies and habits of topics (--into, --name apply)."))
    ] = False,
    engine: Annotated[
        str, typer.Option("--engine", help=_("Where to mine: local, or dask for a running Dask cluster."))
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help=_("The Dask scheduler, for example tcp://host:8786.")),
    ] = None,
    n_jobs: Annotated[int, typer.Option("--jobs", min=1, help=_("Processes of the local engine."))] = 1,
    seed: SeedOption = 0,
    today: TodayOption = None,
    limit: LimitOption = 30,
    as_json: JsonOption = False,
    workspace_dir: WorkspaceOption = None,
) -> None:
    _check_engine(engine, scheduler)

    from creator_kit.corpus.cover_pictures import has_covers
    from creator_kit.corpus.heat import compute_heat
    from creator_kit.corpus.store import iter_notes, load_notes
    from creator_kit.mining import MiningOptions, save_library
    from creator_kit.mining.body_library import describe_bodies, save_bodies
    from creator_kit.mining.engine import open_engine
    from creator_kit.mining.stability import describe_halves
    from creator_kit.mining.whole import mine_corpus
    from creator_kit.mining.wording import describe_library, describe_scorer

    workspace = enter_workspace(workspace_dir)
    light = load_notes(workspace, texts=False)
    heats = compute_heat(light)
    if covers:
        _mine_covers(workspace, light, heats, limit, as_json)
        return
    n_notes = len(light)
    del light
    library_root = into or workspace.root / "templates"
    if bodies:
        _mine_bodies_alone(workspace, heats, library_root, name, limit, as_json, scheduler, n_jobs)
        return
    with open_engine(scheduler, n_jobs=n_jobs) as runner, progress(_("mining"), 2 * n_notes) as advance:
        mined = mine_corpus(
            lambda: iter_notes(workspace),
            heats,
            MiningOptions(max_templates=max_templates, halves_up_to=HALVES_UP_TO),
            engine=runner,
            advance=advance,
        )
    written = save_library(mined.titles, library_root / "titles", name=name) if mined.titles.templates else []
    if mined.bodies.shapes:
        written.append(save_bodies(mined.bodies, library_root / "bodies", name=name))
    sentences = describe_library(mined.titles) + describe_halves(mined.titles.summary.halves_share)
    scorer = None
    if score:
        scorer = _judge_scorer(workspace, heats, seed, resolve_today(today).isoformat(), written)
        sentences += describe_scorer(scorer.card if scorer else None)
    if as_json:
        _print_mined(mined, sentences, scorer, written)
        return
    show_title_templates(mined.titles.templates, limit, ids=False)
    for sentence in sentences:
        say(sentence)
    if mined.bodies.summary.n_bodies:
        show("")
        _show_bodies(mined.bodies, min(limit, SHORT_LIST) if limit else 0)
        for sentence in describe_bodies(mined.bodies):
            say(sentence)
        say(_("all of it: creator-kit mine --limit 0"))
    if has_covers(workspace):
        say(_("Covers were measured too; see: creator-kit mine --covers"))
    for path in written:
        say(_("library: {path}").format(path=path))
    if written:
        say("  → " + _("next: creator-kit draft TOPIC"))


def _check_engine(engine: str, scheduler: str | None) -> None:
    if engine not in ("local", "dask"):
        raise UsageError(
            _("'{engine}' is no engine").format(engine=engine),
            where="--engine",
            hint=_("one of: {engines}").format(engines="local, dask"),
        )
    if (engine == "dask") != (scheduler is not None):
        raise UsageError(
            _("--engine dask and --scheduler ADDRESS go together"),
            where="--scheduler",
            hint=_("example: {example}").format(
                example="creator-kit mine --engine dask --scheduler tcp://127.0.0.1:8786"
            ),
        )


def _judge_scorer(
    workspace: Workspace, heats: list[Heat], seed: int, today: str, written: list[Path]
) -> TitleScorer | None:
    """The scorer with its card, saved beside the templates; where none can be judged, an older one goes."""
    import numpy as np

    from creator_kit.corpus.store import iter_notes
    from creator_kit.mining.title_scorer import FILE, N_STEPS, judge_and_fit, renew_scorer

    was_there = (workspace.root / FILE).is_file()
    with progress(_("judging the title scorer on unseen authors"), N_STEPS) as advance:
        scorer = judge_and_fit(iter_notes(workspace), heats, np.random.default_rng(seed), today=today, advance=advance)
    path = renew_scorer(scorer, workspace.root)
    if path is not None:
        written.append(path)
    elif was_there:
        say(_("the title scorer of an earlier corpus was removed: {path}").format(path=workspace.root / FILE))
    return scorer


def _print_mined(mined: Mined, sentences: list[str], scorer: TitleScorer | None, written: list[Path]) -> None:
    from creator_kit.mining.body_library import describe_bodies

    summary = mined.titles.summary
    card = scorer.card if scorer else None
    print_json(
        "title_library",
        {
            "n_notes": summary.n_notes,
            "n_titles": summary.n_titles,
            "n_authors": summary.n_authors,
            "n_compared": summary.n_compared,
            "hot_only": summary.hot_only,
            "hot_only_sources": summary.hot_only_sources,
            "sources": summary.sources,
            "published_first": summary.published_first,
            "published_last": summary.published_last,
            "n_tiers": summary.n_tiers,
            "covered_rate": summary.covered_rate,
            "halves_share": summary.halves_share,
            "sentences": sentences,
            "scorer": None if card is None else {**asdict(card), "is_useful": card.is_useful},
            "bodies": _describe_bodies(mined.bodies, describe_bodies(mined.bodies)),
            "files": [str(path) for path in written],
            "templates": [describe_template(template) for template in mined.titles.templates],
        },
    )


def _mine_bodies_alone(
    workspace: Workspace,
    heats: list[Heat],
    library_root: Path,
    name: str,
    limit: int,
    as_json: bool,
    scheduler: str | None,
    n_jobs: int,
) -> None:
    from creator_kit.corpus.store import iter_notes
    from creator_kit.mining.bodies import mine_bodies
    from creator_kit.mining.body_library import describe_bodies, save_bodies
    from creator_kit.mining.engine import open_engine

    with open_engine(scheduler, n_jobs=n_jobs) as runner, progress(_("mining bodies"), len(heats)) as advance:
        library = mine_bodies(iter_notes(workspace), heats, engine=runner, advance=advance)
    sentences = describe_bodies(library)
    path = save_bodies(library, library_root / "bodies", name=name) if library.shapes else None
    if as_json:
        print_json("body_library", {**_describe_bodies(library, sentences), "files": [str(path)] if path else []})
        return
    _show_bodies(library, limit)
    for sentence in sentences:
        say(sentence)
    if path:
        say(_("library: {path}").format(path=path))


def _describe_bodies(library: BodyLibrary, sentences: list[str]) -> dict[str, Any]:
    return {**asdict(library), "sentences": sentences}


def _show_bodies(library: BodyLibrary, limit: int) -> None:
    from creator_kit.mining.body_library import name_body_habit

    if library.shapes:
        show_shapes(library.shapes, limit)
    for title, habits in ((_("habit of bodies"), library.habits), (_("habit of topics"), library.tags.habits)):
        if habits:
            show("")
            _show_habits(title, _("notes"), [(name_body_habit(one.name), one) for one in habits], limit)


def _show_habits(title: str, unit: str, habits: Sequence[tuple[str, Habit | CoverHabit]], limit: int) -> None:
    from creator_kit.mining.wording import format_lift, name_tier

    show_table(
        [title, (unit, "right"), (_("authors"), "right"), _("tier"), _("lift [90 %]")],
        [
            (name, one.n_notes, one.n_authors, name_tier(one.tier), format_lift(one.lift))
            for name, one in (habits[:limit] if limit else habits)
        ],
    )


def _mine_covers(workspace: Workspace, notes: list[Note], heats: list[Heat], limit: int, as_json: bool) -> None:
    from creator_kit.corpus.cover_pictures import load_cover_measures
    from creator_kit.mining.covers import describe_covers, mine_cover_habits, name_habit

    reading = mine_cover_habits(notes, heats, load_cover_measures(workspace))
    sentences = describe_covers(reading)
    if as_json:
        print_json("cover_habits", {**asdict(reading), "sentences": sentences})
        return
    if reading.habits:
        _show_habits(_("habit"), _("covers"), [(name_habit(one.habit), one) for one in reading.habits], limit)
    for sentence in sentences:
        say(sentence)
