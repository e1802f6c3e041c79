"""``simulate market``: a feed of many users, a platform that learns from them, and creators."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from creator_kit.cli.options import JsonOption, SeedOption, WorkspaceOption
from creator_kit.cli.output import print_json, progress, say, show, show_table
from creator_kit.locale import _
from creator_kit.workspace import find_workspace, open_workspace

if TYPE_CHECKING:
    from creator_kit.exposure.market.draws import DrawnMeasure
    from creator_kit.exposure.market.experiments import GradeEffect
    from creator_kit.exposure.market.measures import Group, MarketSummary, TemplateUse

# The experiments run markets of this size: below it their notes are too few to tell anything.
EXPERIMENT_USERS = 60_000
# Hours of a day that are shown together.
_HOURS_SHOWN = 3


def market(
    users: Annotated[int, typer.Option(min=1, max=5_000_000, help=_("Users of the feed."))] = EXPERIMENT_USERS,
    hours: Annotated[int, typer.Option(min=1, max=336, help=_("Hours to simulate, from midnight."))] = 24,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help=_("Ranking profile: explore, seed, or a file."))
    ] = None,
    cold: Annotated[bool, typer.Option("--cold", help=_("The platform knows none of its users at the start."))] = False,
    policies: Annotated[
        bool,
        typer.Option(
            "--policies/--no-policies",
            help=_("Also try the grade weight on and off, and a template that few or nearly all follow."),
        ),
    ] = True,
    draws: Annotated[
        int,
        typer.Option(
            min=0,
            max=1000,
            help=_("Also run small markets with all constants drawn from their ranges; 0 for none."),
        ),
    ] = 12,
    workers: Annotated[int, typer.Option(min=1, max=64, help=_("Threads; they change no result."))] = 2,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help=_("Write the picture there as PNG and SVG."))] = None,
    workspace: WorkspaceOption = None,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    from creator_kit.exposure import load_profile
    from creator_kit.exposure.market import MarketOptions, run_market
    from creator_kit.exposure.market.chart import draw_market
    from creator_kit.exposure.market.draws import DRAWN_USERS, try_draws
    from creator_kit.exposure.market.experiments import count_runs, try_grade_weight, try_template_adoption
    from creator_kit.exposure.market.measures import summarise_market

    root, name = _find_profile(workspace, profile)
    ranking = load_profile(name, root)
    options = MarketOptions(n_users=users, n_hours=hours, seed=seed, is_cold=cold, n_workers=workers)
    small = replace(options, n_users=EXPERIMENT_USERS)
    grades: list[GradeEffect] = []
    templates: list[TemplateUse] = []
    drawn: list[DrawnMeasure] = []
    n_runs = 1 + (count_runs(small == options) if policies else 0) + draws
    with progress(_("simulating hours"), hours * n_runs) as advance:
        run = run_market(ranking, options, on_hour=advance)
        summary = summarise_market(run)
        if policies:
            grades = try_grade_weight(ranking, small, on=run, on_hour=advance)
            templates = try_template_adoption(ranking, small, on_hour=advance)
        if draws:
            drawn = try_draws(ranking, options, draws, at_defaults=summary, on_hour=advance)
    pictures = []
    if out is not None:
        for suffix in ("png", "svg"):
            path = out / f"market-{ranking.id}.{suffix}"
            draw_market(summary, grades, templates, path)
            pictures.append(path)
    if as_json:
        document = {"profile": ranking.id, "seed": seed, **asdict(summary)}
        document["grade_weight"] = [asdict(g) for g in grades]
        document["template_adoption"] = [asdict(t) for t in templates]
        document["experiment_users"] = small.n_users if policies else None
        document["over_draws"] = [asdict(measure) for measure in drawn]
        print_json("market", document | {"pictures": [str(path) for path in pictures]})
    else:
        show(f"{ranking.id}: {ranking.about}")
        show("")
        _show_summary(summary)
        _show_policies(grades, templates, small.n_users)
        _show_draws(drawn, draws, min(users, DRAWN_USERS))
        show(_("These are properties of the assumed model, not evidence about the platform."))
    for path in pictures:
        say(_("written: {path}").format(path=path))


def _find_profile(folder: Path | None, wish: str | None) -> tuple[Path | None, str]:
    """Where the user's own profiles lie, and which one is wanted; a market needs no workspace."""
    if folder is None and not find_workspace(Path.cwd()):
        return None, wish or "explore"
    with open_workspace(folder or Path.cwd()) as home:
        return home.root, wish or home.settings.profile


def _percent(share: float | None, digits: int = 1) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f}%"


def _show_summary(s: MarketSummary) -> None:
    from creator_kit.exposure.picture import format_count

    show(
        _("{users:,} users · {hours} hours · {visits:,} visits · {slots:,} slots served, {ads} of them ads").format(
            users=s.n_users, hours=s.n_hours, visits=s.n_visits, slots=s.n_slots, ads=_percent(s.ad_share)
        )
    )
    show(
        _("{creators:,} creators · {notes:,} new notes · {lost:,} slots displaced by open-screen ads").format(
            creators=s.n_creators, notes=s.n_new_notes, lost=s.n_displaced
        )
    )
    show("")
    names = {
        "interest": _("interest: recommended by what a user opened"),
        "fresh": _("fresh: the guarantee of a new note"),
        "search": _("search"),
        "follow": _("followed: creators whom a user follows"),
    }
    show_table(
        [_("channel"), (_("impressions"), "right"), (_("opened"), "right")],
        [[names[k], _percent(share), _percent(s.channel_ctr[k])] for k, share in s.channel_shares.items()],
    )
    show("")
    _show_day(s)
    _show_actions(s)
    show_table(
        [
            (_("shown to a user before"), "right"),
            (_("slots"), "right"),
            (_("opened"), "right"),
            (_("interest known"), "right"),
        ],
        [
            [
                f"{row['impressions_from']}+",
                f"{row['n_slots']:,}",
                f"{_percent(row['ctr'])} ({_percent(row['ctr_low'])}–{_percent(row['ctr_high'])})",
                "-" if row["rank_correlation"] is None else f"{row['rank_correlation']:.2f}",
            ]
            for row in s.experience
        ],
        title=_("how fast the platform learns (rank correlation of its estimates with the latent interests)"),
    )
    show("")
    show(
        _("new notes {age} hours after posting: P10 {p10}, P50 {p50}, P90 {p90} impressions").format(
            age=s.age_hours, **{name: format_count(value) for name, value in s.quantiles.items()}
        )
    )
    if s.promoted_share is not None:
        show(_("of those whose guarantee has ended, {share} won a pool").format(share=_percent(s.promoted_share, 0)))
    show(
        _("inequality of exposure (Gini): {notes:.2f} between new notes, {creators:.2f} between creators").format(
            notes=s.gini_notes, creators=s.gini_creators
        )
    )
    show("")
    _show_groups(_("grade"), s.by_grade)
    _show_groups(_("followers, most first"), s.by_followers)
    kinds = {"ordinary": _("ordinary creators"), "koc": "KOC", "kol": "KOL"}
    show_table(
        [
            _("who is followed"),
            (_("creators"), "right"),
            (_("impressions"), "right"),
            (_("by followers"), "right"),
            (_("opened by them"), "right"),
        ],
        [
            [
                kinds[tie.kind],
                _percent(tie.creator_share),
                _percent(tie.impression_share),
                _percent(tie.follower_share),
                _percent(tie.follower_ctr),
            ]
            for tie in s.by_tie
        ],
    )
    show("")


def _show_day(s: MarketSummary) -> None:
    """Where impressions come from through the day, days of a longer run together."""
    rows = []
    for first in range(0, min(24, s.n_hours), _HOURS_SHOWN):
        hours = [h for h in range(s.n_hours) if first <= h % 24 < first + _HOURS_SHOWN]
        n = {name: sum(by_hour[h] for h in hours) for name, by_hour in s.hourly_by_channel.items()}
        seen = sum(n.values())
        opened = sum(s.hourly_impressions[h] * s.hourly_ctr[h] for h in hours)
        rows.append(
            [
                f"{first:02d}–{min(first + _HOURS_SHOWN, 24):02d}",
                f"{seen:,}",
                _percent(opened / seen if seen else None),
                *(_percent(count / seen if seen else None) for count in n.values()),
            ]
        )
    show_table(
        [
            _("hours"),
            *((text, "right") for text in (_("impressions"), _("opened"), _("interest"), _("fresh"))),
            *((text, "right") for text in (_("search"), _("followed"))),
        ],
        rows,
    )
    show("")


def _show_actions(s: MarketSummary) -> None:
    n_seen = sum(s.hourly_impressions)
    n_reads = sum(n * ctr for n, ctr in zip(s.hourly_impressions, s.hourly_ctr, strict=True))
    each = {name: 100 * n / max(n_reads, 1) for name, n in s.actions.items()}
    show(
        _(
            "of 100 who open a note {like:.1f} like, {collect:.1f} collect, {comment:.1f} comment, {share:.1f} share "
            "it and {follow:.1f} follow; of 10,000 impressions {hide:.1f} are hidden"
        ).format(**(each | {"hide": 10_000 * s.actions["hide"] / max(n_seen, 1)}))
    )
    show("")


def _show_groups(heading: str, groups: list[Group]) -> None:
    from creator_kit.exposure.picture import format_count

    show_table(
        [
            heading,
            (_("creators"), "right"),
            (_("impressions"), "right"),
            (_("P50 of a note"), "right"),
            ("Gini", "right"),
        ],
        [
            [
                g.name,
                _percent(g.creator_share),
                _percent(g.impression_share),
                "-" if g.median_impressions is None else format_count(g.median_impressions),
                "-" if g.gini is None else f"{g.gini:.2f}",
            ]
            for g in groups
        ],
    )
    show("")


def _show_policies(grades: list[GradeEffect], templates: list[TemplateUse], n_users: int) -> None:
    if grades:
        show_table(
            [(_("grade"), "right"), (_("notes"), "right"), (_("on / off"), "right"), (_("95 in 100"), "right")],
            [[g.grade, g.n_notes, f"{g.ratio:.2f}", f"{g.low:.2f}–{g.high:.2f}"] for g in grades],
            title=_("grade weight on and off: impressions of the same notes, followers' left out ({n:,} users)").format(
                n=n_users
            ),
        )
        show("")
    if templates:
        show_table(
            [
                (_("follow it"), "right"),
                (_("opened"), "right"),
                (_("others"), "right"),
                (_("ratio"), "right"),
                (_("95 in 100"), "right"),
            ],
            [
                [
                    _percent(t.adoption, 0),
                    _percent(t.ctr_with),
                    _percent(t.ctr_without),
                    "-" if t.ratio is None else f"{t.ratio:.2f}",
                    "-" if t.ratio_low is None else f"{t.ratio_low:.2f}–{t.ratio_high:.2f}",
                ]
                for t in templates
            ],
            title=_("a template when few follow it, and when nearly everybody does ({n:,} users)").format(n=n_users),
        )
        show("")


def _show_draws(drawn: list[DrawnMeasure], n_draws: int, n_users: int) -> None:
    if not drawn:
        return
    from creator_kit.exposure.picture import format_count

    names = {
        "share_interest": _("impressions: interest"),
        "share_fresh": _("impressions: fresh"),
        "share_search": _("impressions: search"),
        "share_follow": _("impressions: followed"),
        "ctr": _("opened"),
        "ads": _("ads among the slots"),
        "interest_known": _("interest known (rank correlation)"),
        "note_p10": _("a new note: P10 of impressions"),
        "note_p50": _("a new note: P50 of impressions"),
        "note_p90": _("a new note: P90 of impressions"),
        "promoted": _("won a pool"),
        "gini_notes": _("Gini between new notes"),
        "gini_creators": _("Gini between creators"),
        "grade_ratio": _("a creator's impressions: grade ten / one"),
    }

    def text(name: str, value: float | None) -> str:
        if value is None:
            return "-"
        if name.startswith("note_"):
            return format_count(value)
        return f"{value:.2f}" if name.startswith(("gini", "interest", "grade")) else _percent(value)

    show_table(
        [_("figure"), (_("at defaults"), "right"), ("P10", "right"), ("P50", "right"), ("P90", "right")],
        [
            [
                names[m.name],
                text(m.name, m.at_defaults),
                *(
                    text(m.name, q)
                    for q in (
                        (None,) * 3 if m.over_draws is None else (m.over_draws.p10, m.over_draws.p50, m.over_draws.p90)
                    )
                ),
            ]
            for m in drawn
        ],
        title=_("what is not known widens it: {n} draws of all constants from their ranges ({users:,} users)").format(
            n=n_draws, users=n_users
        ),
    )
    show("")
