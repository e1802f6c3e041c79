"""``simulate``: what exposure to expect, as P10, P50 and P90, and what it rests on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from creator_kit.cli import market as market_commands
from creator_kit.cli.forecast_view import Result, Subject, show_constants, show_results
from creator_kit.cli.options import (
    JsonLinesOption,
    JsonOption,
    SeedOption,
    TodayOption,
    WorkspaceOption,
    enter_workspace,
    resolve_now,
)
from creator_kit.cli.output import print_json, print_json_line, say
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _
from creator_kit.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from creator_kit.exposure import FittedProfile, NoteInput, RankingProfile
    from creator_kit.exposure.compare import RateTitle

FORECAST = "forecast"


class _DraftsOrMarket(TyperGroup):
    """``simulate DRAFT…`` is short for ``simulate forecast DRAFT…``; ``simulate market`` is the feed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [FORECAST, *args]
        return super().parse_args(ctx, args or [FORECAST])


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    group = typer.Typer(
        cls=_DraftsOrMarket,
        help=_("Forecast a note's exposure (`simulate DRAFT…`), or simulate a whole feed (`simulate market`)."),
        epilog=_(
            "Example: creator-kit simulate --title '新手露营清单' --type 图文 --what-if hour=20; "
            "all options: creator-kit simulate forecast --help"
        ),
    )
    group.command(
        FORECAST,
        help=_("Forecast a note's exposure as P10, P50, P90: never a mean, and with what it rests on."),
        epilog=_(
            "Example: creator-kit simulate --title '新手露营清单' --type 图文 --what-if hour=20 --what-if paid=2000"
        ),
    )(simulate)
    group.command(
        "market",
        help=_(
            "Simulate a feed: users with interests, a platform that learns them from opens alone, creators. "
            "Shows where impressions come from, how unequal they are, and what grades and templates do."
        ),
        epilog=_("Example: creator-kit simulate market --users 20000 --hours 24 --out pictures"),
    )(market_commands.market)
    app.add_typer(group, name="simulate")


def simulate(
    drafts: Annotated[
        list[str] | None, typer.Argument(metavar="[DRAFT_ID]...", help=_("Drafts of this workspace."))
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help=_("A title, in place of a draft."))] = None,
    note_type: Annotated[str | None, typer.Option("--type", metavar="图文|视频", help=_("The note's type."))] = None,
    followers: Annotated[int | None, typer.Option(min=0, help=_("Followers; else creator.toml's."))] = None,
    grade: Annotated[
        int | None, typer.Option(min=0, max=10, help=_("Grade 1 to 10, 0 unknown; else creator.toml's."))
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help=_("Ranking profile: explore, seed, or a file."))
    ] = None,
    hour: Annotated[int | None, typer.Option(min=0, max=23, help=_("Posting hour in Beijing."))] = None,
    sponsored: Annotated[
        bool | None, typer.Option("--sponsored/--not-sponsored", help=_("A paid partnership; else the draft's own."))
    ] = None,
    quality: Annotated[
        float | None, typer.Option(metavar="SD", help=_("Quality in standard deviations of your notes, -5 to 5."))
    ] = None,
    cover: Annotated[
        float | None,
        typer.Option(min=0, max=100, metavar="SCORE", help=_("The cover's score, as `creator-kit cover` gives it.")),
    ] = None,
    paid: Annotated[int, typer.Option(min=0, metavar="N", help=_("Impressions bought on top."))] = 0,
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            "--what-if",
            metavar="KEY=VALUE",
            help=_(
                "Compare with title=, cover=, hour=, grade=, followers=, paid=, type=, sponsored=, quality=, lint=; "
                "paid= with price= gives the cost of a read. May be repeated."
            ),
        ),
    ] = None,
    sensitivity: Annotated[bool, typer.Option("--sensitivity", help=_("Which unknown drives the answer."))] = False,
    constants: Annotated[
        bool, typer.Option("--constants", help=_("Show what the profile assumes, with sources, and stop."))
    ] = False,
    replicates: Annotated[int, typer.Option(min=100, max=200_000, help=_("Monte Carlo replicates."))] = 4000,
    days: Annotated[int, typer.Option(min=1, max=365, help=_("Days after posting."))] = 30,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help=_("Write the fan chart and the funnel there as PNG and SVG."))
    ] = None,
    workspace: WorkspaceOption = None,
    seed: SeedOption = 0,
    today: TodayOption = None,
    as_json: JsonOption = False,
    as_json_lines: JsonLinesOption = False,
) -> None:
    from creator_kit.exposure import NoteInput, load_profile
    from creator_kit.exposure.ledger import record_forecast

    if not constants and bool(drafts) == (title is not None):
        raise UsageError(_("give either draft ids or --title"), hint=_("creator-kit simulate --title '新手露营清单'"))
    if note_type not in (None, "图文", "视频"):
        raise UsageError(_("a type is 图文 or 视频"), where="--type")
    home = _enter(workspace, needed=bool(drafts))
    settings = home.settings if home else None
    base = NoteInput(
        type=note_type,  # type: ignore[arg-type]
        followers=followers if followers is not None else (settings.followers if settings else 0),
        grade=grade if grade is not None else (settings.grade if settings else 0),
        hour=hour,
        sponsored=bool(sponsored),
        quality=quality,
        paid_impressions=paid,
        cover_score=cover,
    )
    ranking = load_profile(profile or (settings.profile if settings else "explore"), home.root if home else None)
    if constants:
        show_constants(ranking, as_json)
        return
    rate_title = _find_title_scorer(home)
    subjects = [_read_draft(home, draft_id, base, sponsored) for draft_id in drafts or [] if home]
    subjects = subjects or [Subject(None, title or "", base)]
    subjects = [replace(s, note=replace(s.note, title_quality=rate_title(s.title))) for s in subjects]
    run = _Run(_fit(home, ranking, base), tuple(what_if or ()), rate_title, sensitivity, replicates, days, seed)
    results = []
    pictures: list[Path] = []
    for number, subject in enumerate(subjects, 1):
        result = run.forecast(subject)
        results.append(result)
        if home and subject.draft_id:
            record_forecast(
                home, result.forecast, draft_id=subject.draft_id, title=subject.title, made_at=resolve_now(today)
            )
        pictures += _save_pictures(out, result, number)
        if as_json_lines:
            print_json_line(_document(result))
    if as_json:
        print_json("forecasts", {"forecasts": [_document(r) for r in results], "pictures": [str(p) for p in pictures]})
    elif not as_json_lines:
        show_results(results)
    for picture in pictures:
        say(_("written: {path}").format(path=picture))
    if home:
        home.close()


@dataclass(frozen=True)
class _Run:
    """What all subjects of one call share. Drafts that differ in nothing the model knows are computed once."""

    profile: RankingProfile | FittedProfile
    what_if: tuple[str, ...]
    rate_title: RateTitle
    sensitivity: bool
    n_replicates: int
    horizon_days: int
    seed: int
    done: dict[NoteInput, Result] = field(default_factory=dict)

    def forecast(self, subject: Subject) -> Result:
        """The forecast of ``subject`` and what else was asked for."""
        note = subject.note
        if note not in self.done:
            from creator_kit.exposure import simulate_note
            from creator_kit.exposure.compare import compare_notes, parse_scenario, rank_unknowns

            options: Any = {"n_replicates": self.n_replicates, "horizon_days": self.horizon_days, "seed": self.seed}
            self.done[note] = Result(
                subject,
                simulate_note(self.profile, note, **options),
                [
                    (t, compare_notes(self.profile, note, parse_scenario(t, note, self.rate_title), **options))
                    for t in self.what_if
                ],
                rank_unknowns(self.profile, note, horizon_days=self.horizon_days, seed=self.seed)
                if self.sensitivity
                else [],
            )
        return replace(self.done[note], subject=subject)


def _find_title_scorer(home: Workspace | None) -> RateTitle:
    """What the workspace's corpus says of a title: nothing, unless its scorer has proved itself on unseen authors."""
    if home is not None:
        from creator_kit.mining.title_scorer import load_scorer

        scorer = load_scorer(home.root)
        if scorer is not None and scorer.is_useful:
            from creator_kit.exposure.compare import TITLE_DECIMALS

            return lambda title: round(scorer.standardise(title), TITLE_DECIMALS) if title else None
    return lambda _title: None


def _fit(home: Workspace | None, ranking: RankingProfile, base: NoteInput) -> RankingProfile | FittedProfile:
    """The profile fitted to the workspace's own results, or as it is where there are none."""
    if home is None or not home.store_path.exists():
        return ranking
    from creator_kit.corpus.store import iter_histories, iter_notes
    from creator_kit.exposure import fit_profile
    from creator_kit.exposure.growth import collect_growth

    own = [n for n in iter_notes(home, own=True, texts=False) if n.impressions is not None or n.views is not None]
    if not own:
        return ranking
    # Own results came with the account as creator.toml has it; an option asks what another one would get.
    followers, grade = home.settings.followers or base.followers, home.settings.grade or base.grade
    grown = collect_growth(iter_histories(home, own=True))
    return fit_profile(ranking, own, grown=grown, followers=followers, grade=grade)


def _enter(folder: Path | None, *, needed: bool) -> Workspace | None:
    """The workspace; without drafts to read there need not be one."""
    if needed or folder is not None or find_workspace(Path.cwd()):
        return enter_workspace(folder)
    return None


def _read_draft(home: Workspace, draft_id: str, base: NoteInput, sponsored: bool | None) -> Subject:
    document = json.loads(home.load_draft(draft_id))
    title = document.get("title")
    if not isinstance(title, str):
        raise InputError(_("this draft has no title"), where=draft_id)
    is_sponsored = bool(document.get("sponsored")) if sponsored is None else sponsored
    # A draft is a note of pictures and text; only a flag makes it a video.
    note = replace(base, sponsored=is_sponsored, type=base.type or "图文")
    return Subject(str(document["draft_id"]), title, note)


def _save_pictures(out: Path | None, result: Result, number: int) -> list[Path]:
    if out is None:
        return []
    from creator_kit.exposure import draw_fan_chart, draw_funnel

    name = result.subject.draft_id or str(number)
    paths = []
    for suffix in ("svg", "png"):
        for kind, draw in (("forecast", draw_fan_chart), ("funnel", draw_funnel)):
            path = out / f"{kind}-{name}.{suffix}"
            draw(result.forecast, path, title=result.subject.title or None)
            paths.append(path)
    return sorted(paths)


def _document(result: Result) -> dict[str, Any]:
    from creator_kit.exposure.ledger import forecast_document

    subject = result.subject
    document = forecast_document(result.forecast)
    document |= {"draft_id": subject.draft_id, "title": subject.title, "note": asdict(subject.note)}
    if result.scenarios:
        document["what_if"] = [{"scenario": t, **asdict(d), "is_told": d.is_told} for t, d in result.scenarios]
    if result.unknowns:
        document["sensitivity"] = [asdict(item) for item in result.unknowns]
    return document
