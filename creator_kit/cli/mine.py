"""``mine``, ``templates`` and ``scenarios``: what titles of hot notes have in common, and what is under-served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, SeedOption, TodayOption, WorkspaceOption, enter_workspace, resolve_today
from creator_kit.cli.output import print_json, progress, say, show, show_table
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _, current_language
from creator_kit.workspace import find_workspace

if TYPE_CHECKING:
    from creator_kit.corpus.heat import Heat
    from creator_kit.corpus.note import Note
    from creator_kit.mining import Scenario, TitleTemplate
    from creator_kit.mining.bodies import BodyLibrary, BodyShape
    from creator_kit.workspace import Workspace

LimitOption = Annotated[int, typer.Option("--limit", "-n", min=0, help=_("Show at most this many; 0 shows all."))]

# Of shapes and habits, where titles come first.
SHORT_LIST = 8


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    app.command(
        "mine",
        help=_("Find the title templates of your corpus, with support, lift and doubt."),
        epilog=_("Example: creator-kit mine --limit 20"),
    )(mine)
    app.command(
        "scenarios",
        help=_("Scenario hashtags: demand (how often their notes get hot) against supply."),
        epilog=_("Example: creator-kit scenarios --limit 30"),
    )(scenarios)
    templates = typer.Typer(no_args_is_help=True, help=_("Title templates: yours first, then the shipped ones."))
    templates.command(
        "list",
        help=_("List the title templates: id, skeleton, support, authors, tier and lift."),
        epilog=_("Example: creator-kit templates list --tier reliable"),
    )(list_templates)
    templates.command(
        "show",
        help=_("Show one template: its slots with what authors put there, its figures and where they come from."),
        epilog=_("Example: creator-kit templates show t-1a2b3c4d"),
    )(show_template)
    templates.command(
        "diff",
        help=_("Compare two libraries: what is new, gone, rose or fell."),
        epilog=_("Example: creator-kit templates diff old.toml templates/titles/mined.toml"),
    )(diff_templates)
    app.add_typer(templates, name="templates")


def mine(
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help=_("Folder of the library; else the workspace's templates/titles.")),
    ] = None,
    name: Annotated[str, typer.Option("--name", help=_("File name of the library, without .toml."))] = "mined",
    max_templates: Annotated[int, typer.Option("--max-templates", min=1, help=_("Keep at most this many."))] = 300,
    score: Annotated[
        bool, typer.Option("--score", help=_("Also judge a title scorer on authors it has not seen (takes longer)."))
    ] = False,
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

    from creator_kit.corpus.cover_pictures import has_covers
    from creator_kit.corpus.heat import compute_heat
    from creator_kit.corpus.store import iter_notes, load_notes
    from creator_kit.mining import MiningOptions, mine_titles, save_library
    from creator_kit.mining.bodies import mine_bodies
    from creator_kit.mining.body_library import describe_bodies, save_bodies
    from creator_kit.mining.engine import open_engine
    from creator_kit.mining.wording import describe_library, describe_scorer

    workspace = enter_workspace(workspace_dir)
    light = load_notes(workspace, texts=False)
    heats = compute_heat(light)
    if covers:
        _mine_covers(workspace, light, heats, limit, as_json)
        return
    if bodies:
        _mine_bodies_alone(workspace, heats, into, name, limit, as_json)
        return
    n_notes = len(light)
    del light
    with open_engine(scheduler, n_jobs=n_jobs) as runner, progress(_("mining titles"), n_notes) as advance:
        library = mine_titles(
            iter_notes(workspace), heats, MiningOptions(max_templates=max_templates), engine=runner, advance=advance
        )
    folder = into or workspace.root / "templates" / "titles"
    written = save_library(library, folder, name=name) if library.templates else []
    sentences = describe_library(library)
    body_library = mine_bodies(lambda: iter_notes(workspace), heats)
    if into is None and body_library.shapes:
        save_bodies(body_library, workspace.root / "templates" / "bodies", name=name)
    card = None
    if score:
        import numpy as np

        from creator_kit.mining.scorer import evaluate_scorer

        card = evaluate_scorer(iter_notes(workspace), heats, np.random.default_rng(seed))
        sentences += describe_scorer(card)
        if card is not None:
            from creator_kit.mining.title_scorer import fit_title_scorer, save_scorer

            scorer = fit_title_scorer(iter_notes(workspace), heats, card, today=resolve_today(today).isoformat())
            written.append(save_scorer(scorer, workspace.root))
    if as_json:
        summary = library.summary
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
                "sentences": sentences,
                "scorer": None if card is None else {**asdict(card), "is_useful": card.is_useful},
                "bodies": {**asdict(body_library), "sentences": describe_bodies(body_library)},
                "files": [str(path) for path in written],
                "templates": [_to_json(template) for template in library.templates],
            },
        )
        return
    _show_templates(library.templates, limit, ids=False)
    for sentence in sentences:
        say(sentence)
    if body_library.summary.n_bodies:
        show("")
        _show_bodies(body_library, min(limit, SHORT_LIST) if limit else 0)
        for sentence in describe_bodies(body_library):
            say(sentence)
        say(_("all of it: creator-kit mine --bodies --limit 0"))
    if has_covers(workspace):
        say(_("Covers were measured too; see: creator-kit mine --covers"))
    for path in written:
        say(_("library: {path}").format(path=path))
    if written:
        say("  → " + _("next: creator-kit draft TOPIC"))


def _mine_bodies_alone(
    workspace: Workspace, heats: list[Heat], into: Path | None, name: str, limit: int, as_json: bool
) -> None:
    from creator_kit.corpus.store import iter_notes
    from creator_kit.mining.bodies import mine_bodies
    from creator_kit.mining.body_library import describe_bodies, save_bodies

    library = mine_bodies(lambda: iter_notes(workspace), heats)
    sentences = describe_bodies(library)
    folder = into or workspace.root / "templates" / "bodies"
    path = save_bodies(library, folder, name=name) if library.shapes else None
    if as_json:
        files = [str(path)] if path else []
        print_json("body_library", {**asdict(library), "sentences": sentences, "files": files})
        return
    _show_bodies(library, limit)
    for sentence in sentences:
        say(sentence)
    if path:
        say(_("library: {path}").format(path=path))


def _show_bodies(library: BodyLibrary, limit: int) -> None:
    from creator_kit.mining.body_library import name_body_habit
    from creator_kit.mining.wording import format_lift, name_tier

    _show_shapes(library.shapes, limit)
    for title, habits in ((_("habit of bodies"), library.habits), (_("habit of topics"), library.tags.habits)):
        if habits:
            show("")
            show_table(
                [title, (_("notes"), "right"), (_("authors"), "right"), _("tier"), _("lift [90 %]")],
                [
                    (name_body_habit(one.name), one.n_notes, one.n_authors, name_tier(one.tier), format_lift(one.lift))
                    for one in (habits[:limit] if limit else habits)
                ],
            )


def _show_shapes(shapes: Sequence[BodyShape], limit: int) -> None:
    from creator_kit.mining.body_library import name_role
    from creator_kit.mining.wording import format_lift, name_tier

    if shapes:
        show_table(
            [_("shape of bodies"), (_("notes"), "right"), (_("authors"), "right"), _("tier"), _("lift [90 %]")],
            [
                (" → ".join(map(name_role, s.roles)), s.support, s.n_authors, name_tier(s.tier), format_lift(s.lift))
                for s in (shapes[:limit] if limit else shapes)
            ],
        )


def _mine_covers(workspace: Workspace, notes: list[Note], heats: list[Heat], limit: int, as_json: bool) -> None:
    from creator_kit.corpus.cover_pictures import load_cover_measures
    from creator_kit.mining.covers import describe_covers, mine_cover_habits, name_habit
    from creator_kit.mining.wording import format_lift, name_tier

    reading = mine_cover_habits(notes, heats, load_cover_measures(workspace))
    sentences = describe_covers(reading)
    if as_json:
        print_json("cover_habits", {**asdict(reading), "sentences": sentences})
        return
    shown = reading.habits[:limit] if limit else reading.habits
    if shown:
        show_table(
            [_("habit"), (_("covers"), "right"), (_("authors"), "right"), _("tier"), _("lift [90 %]")],
            [
                (name_habit(one.habit), one.n_notes, one.n_authors, name_tier(one.tier), format_lift(one.lift))
                for one in shown
            ],
        )
    for sentence in sentences:
        say(sentence)


def list_templates(
    tier: Annotated[
        str | None, typer.Option("--tier", help=_("Only this tier: reliable, promising, common or avoided."))
    ] = None,
    kind: Annotated[str, typer.Option("--kind", help=_("title, or body for mined shapes of bodies."))] = "title",
    limit: LimitOption = 0,
    as_json: JsonOption = False,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.mining.title_library import TIER_ORDER

    if tier is not None and tier not in TIER_ORDER:
        raise UsageError(
            _("'{tier}' is no tier").format(tier=tier),
            where="--tier",
            hint=_("one of: {tiers}").format(tiers=", ".join(TIER_ORDER)),
        )
    if kind not in ("title", "body"):
        raise UsageError(
            _("'{kind}' is no kind of template").format(kind=kind),
            where="--kind",
            hint=_("one of: {kinds}").format(kinds="title, body"),
        )
    if kind == "body":
        from creator_kit.mining.body_library import load_shapes

        shapes = [shape for shape in load_shapes(_find_root(workspace_dir)) if tier in (None, shape.tier)]
        if as_json:
            print_json("body_shapes", {"shapes": [asdict(shape) for shape in shapes]})
        elif shapes:
            _show_shapes(shapes, limit)
        else:
            say(_("no template of this kind"))
        return
    found = [template for template in _load(workspace_dir) if tier in (None, template.tier)]
    if as_json:
        print_json("title_templates", {"templates": [_to_json(template) for template in found]})
        return
    if not found:
        say(_("no template of this kind"))
        return
    _show_templates(found, limit)


def show_template(
    template_id: Annotated[str, typer.Argument(metavar="ID", help=_("The template's id, or its beginning."))],
    as_json: JsonOption = False,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.mining.wording import format_lift, name_tier

    templates = _load(workspace_dir)
    found = [template for template in templates if template.template_id == template_id] or [
        template for template in templates if template.template_id.startswith(template_id)
    ]
    if len(found) != 1:
        what = (
            _("no template '{id}'").format(id=template_id)
            if not found
            else _("'{id}' begins several ids: {ids}").format(
                id=template_id, ids=", ".join(template.template_id for template in found[:8])
            )
        )
        raise InputError(what, hint=_("`creator-kit templates list` shows them"))
    template = found[0]
    if as_json:
        print_json("title_template", _to_json(template))
        return
    show(f"{template.template_id}  {_skeleton(template)}")
    if template.origin == "authored":
        show(_("written by us, not mined: no figures"))
    else:
        show(
            _("{n_notes} notes, {n_authors} authors; {tier}; lift {lift}").format(
                n_notes=template.support,
                n_authors=template.n_authors,
                tier=name_tier(template.tier),
                lift=format_lift(template.lift),
            )
        )
        if template.lift is not None:
            show(
                _("hot {n_hot}, not hot {n_ordinary}; compared with: {against}").format(
                    n_hot=template.lift.n_hot,
                    n_ordinary=template.lift.n_ordinary,
                    against=_name_comparison(template.lift.against),
                )
            )
    if template.kinds:
        show(_("subjects: {kinds}").format(kinds="、".join(template.kinds)))
    rows = [
        (number, _slot_name(slot.type), "、".join(slot.fillers) or "–")
        for number, slot in enumerate(template.slots, start=1)
    ]
    show_table([(_("slot"), "right"), _("type"), _("what authors put there")], rows)
    provenance = template.provenance
    sources = provenance.get("sources")
    if isinstance(sources, dict):
        show(_("sources: {sources}").format(sources=", ".join(f"{name} {n}" for name, n in sources.items())))
    if "published_first" in provenance:
        show(
            _("published {first} to {last}").format(
                first=provenance["published_first"], last=provenance["published_last"]
            )
        )
    if "method_version" in provenance:
        show(_("method version {version}").format(version=provenance["method_version"]))
    show(_("file: {name}").format(name=provenance.get("file", "")))


def diff_templates(
    before: Annotated[Path, typer.Argument(metavar="A", help=_("A library file, older."))],
    after: Annotated[Path, typer.Argument(metavar="B", help=_("A library file, newer."))],
    as_json: JsonOption = False,
) -> None:
    from creator_kit.mining import diff_libraries
    from creator_kit.mining.title_library import load_file
    from creator_kit.mining.wording import format_lift, name_tier

    changes = diff_libraries(load_file(before), load_file(after))
    if as_json:
        print_json(
            "template_diff",
            {
                "changes": [
                    {
                        "verdict": change.verdict,
                        "skeleton": change.skeleton,
                        "before": _to_json(change.before) if change.before else None,
                        "after": _to_json(change.after) if change.after else None,
                    }
                    for change in changes
                ]
            },
        )
        return
    names = {"rose": _("rose"), "fell": _("fell"), "new": _("new"), "gone": _("gone")}

    def side(template: TitleTemplate | None) -> str:
        if template is None:
            return "–"
        lift = f" {format_lift(template.lift)}" if template.lift else ""
        return f"{name_tier(template.tier)} {template.support}{lift}"

    moved = [change for change in changes if change.verdict != "same"]
    show_table(
        [_("change"), _("template"), _("before"), _("after")],
        [
            (names[c.verdict], _skeleton(c.after or c.before), side(c.before), side(c.after))  # type: ignore[arg-type]
            for c in moved
        ],
    )
    say(_("{n} templates are the same in both").format(n=len(changes) - len(moved)))


def scenarios(
    limit: LimitOption = 30,
    as_json: JsonOption = False,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.corpus.heat import compute_heat
    from creator_kit.corpus.store import iter_notes, load_notes
    from creator_kit.mining import find_scenarios
    from creator_kit.mining.wording import format_lift, name_verdict

    workspace = enter_workspace(workspace_dir)
    heats = compute_heat(load_notes(workspace, texts=False))
    found = find_scenarios(iter_notes(workspace), heats)
    if as_json:
        print_json("scenarios", {"scenarios": [_scenario_to_json(scenario) for scenario in found]})
        return
    if not found:
        say(_("No hashtag is shared by 5 notes of 3 authors."))
        say("  → " + _("add notes with hashtags: creator-kit corpus add FILE"))
        return
    show_table(
        [_("scenario"), (_("notes"), "right"), (_("authors"), "right"), (_("demand"), "right"), _("verdict")],
        [
            (f"#{s.tag}", s.n_notes, s.n_authors, format_lift(s.demand), name_verdict(s.verdict))
            for s in (found[:limit] if limit else found)
        ],
    )
    if limit and len(found) > limit:
        say(_("{n} more; --limit 0 shows all").format(n=len(found) - limit))
    if not any(s.verdict == "under-served" for s in found):
        say(_("No scenario is under-served beyond doubt in this corpus."))


def _load(folder: Path | None) -> list[TitleTemplate]:
    from creator_kit.mining import load_library

    return load_library(_find_root(folder))


def _find_root(folder: Path | None) -> Path | None:
    root = enter_workspace(folder).root if folder is not None else find_workspace(Path.cwd())
    if root is not None and folder is None:
        root = enter_workspace(root).root
    return root


def _slot_name(slot_type: str) -> str:
    from creator_kit.text.slots import SLOT_TYPES

    zh, en = SLOT_TYPES[slot_type]
    return zh if current_language() == "zh" else en


def _name_comparison(against: str) -> str:
    """What a lift was compared with (``Lift.against``), as a person says it."""
    if against == "author":
        return _("other notes by the same authors")
    return _("notes of the same source, keyword, type and age")


def _skeleton(template: TitleTemplate) -> str:
    return "".join(part if isinstance(part, str) else "{" + _slot_name(part.type) + "}" for part in template.parts)


def _show_templates(templates: Sequence[TitleTemplate], limit: int, *, ids: bool = True) -> None:
    from creator_kit.mining.wording import format_lift, name_tier

    if not templates:
        return
    shown = templates[:limit] if limit else templates
    show_table(
        [*(["id"] if ids else []), _("template"), (_("notes"), "right"), (_("authors"), "right"), _("tier"), _("lift")],
        [
            (
                *([template.template_id] if ids else []),
                _skeleton(template),
                template.support or "–",
                template.n_authors or "–",
                name_tier(template.tier),
                format_lift(template.lift) if template.origin == "mined" else _("written by us"),
            )
            for template in shown
        ],
    )
    if len(shown) < len(templates):
        say(_("{n} more; --limit 0 shows all").format(n=len(templates) - len(shown)))


def _to_json(template: TitleTemplate) -> dict[str, Any]:
    lift = template.lift
    return {
        "id": template.template_id,
        "skeleton": template.skeleton,
        "parts": [
            {"literal": part} if isinstance(part, str) else {"slot": part.type, "fillers": list(part.fillers)}
            for part in template.parts
        ],
        "origin": template.origin,
        "tier": template.tier,
        "support": template.support,
        "n_authors": template.n_authors,
        "lift": None
        if lift is None
        else {
            "value": lift.value,
            "low": lift.interval.low,
            "high": lift.interval.high,
            "level": lift.interval.level,
            "n_hot": lift.n_hot,
            "n_ordinary": lift.n_ordinary,
            "against": lift.against,
        },
        "kinds": list(template.kinds),
        "provenance": template.provenance,
    }


def _scenario_to_json(scenario: Scenario) -> dict[str, Any]:
    demand = scenario.demand
    return {
        "tag": scenario.tag,
        "n_notes": scenario.n_notes,
        "n_authors": scenario.n_authors,
        "is_broad": scenario.is_broad,
        "verdict": scenario.verdict,
        "demand": None
        if demand is None
        else {
            "value": demand.value,
            "low": demand.interval.low,
            "high": demand.interval.high,
            "level": demand.interval.level,
            "n_hot": demand.n_hot,
            "n_ordinary": demand.n_ordinary,
            "against": demand.against,
        },
    }
