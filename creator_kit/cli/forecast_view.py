"""What `simulate` prints: a forecast, drafts side by side, scenarios, unknowns, and a profile's constants."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from creator_kit.cli.output import print_json, show, show_table
from creator_kit.locale import _, pick

if TYPE_CHECKING:
    from creator_kit.exposure import Forecast, NoteInput, RankingProfile
    from creator_kit.exposure.compare import Difference, Sensitivity

TEXT_COLUMNS = 78
# An unknown that moves P50 and P90 by less than a twentieth together is not worth a line.
LEAST_SWING = 0.05


@dataclass(frozen=True, slots=True)
class Subject:
    """What is forecast: a draft of the workspace (or none) with its title, and the note's setting."""

    draft_id: str | None
    title: str
    note: NoteInput


@dataclass(frozen=True, slots=True)
class Result:
    """A subject's forecast, its scenarios and the unknowns behind it."""

    subject: Subject
    forecast: Forecast
    scenarios: list[tuple[str, Difference]]
    unknowns: list[Sensitivity]


_CHANNEL_NAMES = {
    "discover": lambda: _("discover"),
    "follow": lambda: _("followers"),
    "search": lambda: _("search"),
    "paid": lambda: _("paid"),
}


def show_results(results: list[Result]) -> None:
    if len(results) > 1:
        _show_side_by_side(results)
    for result in results:
        if len(results) == 1:
            _show_forecast(result.subject, result.forecast)
        elif result.scenarios or result.unknowns:
            show(result.subject.title)
        _show_scenarios(result.scenarios, reads_titles=result.subject.note.title_quality is not None)
        _show_unknowns(result.unknowns)


def _show_side_by_side(results: list[Result]) -> None:
    from creator_kit.exposure.picture import format_count

    show(_("impressions over {days} days").format(days=results[0].forecast.horizon_days))
    show_table(
        [_("draft"), _("title"), ("P10", "right"), ("P50", "right"), ("P90", "right"), ("≥1,000", "right")],
        [
            [
                result.subject.draft_id,
                result.subject.title,
                *(format_count(x) for x in asdict(result.forecast.quantiles["impressions"]).values()),
                _percent(result.forecast.p_at_least[1000]),
            ]
            for result in results
        ],
    )
    show("")
    if len({result.subject.note for result in results}) == 1 and results[0].subject.note.title_quality is None:
        show(_("The model does not read a title: these drafts differ in nothing that it knows."))
    show(results[0].forecast.basis)
    show("")


def _show_forecast(subject: Subject, forecast: Forecast) -> None:
    from creator_kit.exposure import render_fan
    from creator_kit.exposure.funnel_chart import name_outcome, render_funnel
    from creator_kit.exposure.picture import format_count

    show(_("{title}: {days} days after posting").format(title=subject.title, days=forecast.horizon_days))
    show("")
    bars = render_funnel(forecast)
    show_table(
        ["", ("P10", "right"), ("P50", "right"), ("P90", "right"), ""],
        [
            [name_outcome(name), *(format_count(x) for x in (q.p10, q.p50, q.p90)), bars[name]]
            for name, q in forecast.quantiles.items()
        ],
    )
    show("")
    show(render_fan(forecast, n_columns=TEXT_COLUMNS, n_rows=9))
    show("")
    _show_channels(forecast)
    show(forecast.basis)
    show("")


def _show_channels(forecast: Forecast) -> None:
    """Where impressions come from, and the chance of at least so many, of each channel and of all together."""
    from creator_kit.exposure.picture import format_count

    # Wide numbers leave a line of 80 room for three chances, others for four.
    rungs = _telling(forecast.p_at_least)[: 3 if forecast.quantiles["impressions"].p90 >= 10_000 else 4]
    channels = [name for name, q in forecast.channels.items() if q.p90 > 0]
    rows = [
        (_CHANNEL_NAMES[name](), _percent(forecast.channel_shares[name]), forecast.channels[name],
         forecast.channel_p_at_least[name])
        for name in channels
    ]  # fmt: skip
    rows.append((_("all together"), "", forecast.quantiles["impressions"], forecast.p_at_least))
    show_table(
        [
            _("from"),
            *((name, "right") for name in (_("share"), "P10", "P50", "P90", *(f"≥{n:,}" for n in rungs))),
        ],
        [
            [name, share, *(format_count(x) for x in (q.p10, q.p50, q.p90)), *(_percent(chances[n]) for n in rungs)]
            for name, share, q, chances in rows
        ],
    )
    show(_("(share: the median; ≥: the chance of at least so many)"))
    show("")


def _telling(chances: dict[int, float]) -> list[int]:
    """The few rungs that say something: neither certain nor hopeless."""
    return [n for n, p in chances.items() if 0.01 <= p <= 0.99]


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _show_scenarios(scenarios: list[tuple[str, Difference]], *, reads_titles: bool) -> None:
    if not scenarios:
        return
    from creator_kit.exposure.compare import describe_cost, describe_difference, has_title, parse_price
    from creator_kit.exposure.picture import format_count

    show_table(
        [_("what if"), (_("P50 now"), "right"), (_("P50 then"), "right"), _("change of impressions (8 in 10)")],
        [
            [text, format_count(d.base_p50), format_count(d.scenario_p50), describe_difference(d)]
            for text, d in scenarios
        ],
    )
    for text, difference in scenarios:
        price = parse_price(text)
        if price is not None:
            show(text + pick("：", ": ") + describe_cost(difference, price))
    if not reads_titles and any(has_title(text) for text, _difference in scenarios):
        show(
            _(
                "No title scorer of this workspace has proved itself on unseen authors, so a title changes nothing "
                "here; `creator-kit mine` of a larger corpus may fit one."
            )
        )
    show("")


def _show_unknowns(unknowns: list[Sensitivity]) -> None:
    if not unknowns:
        return
    from creator_kit.exposure.picture import format_count

    telling = [item for item in unknowns if item.swing >= LEAST_SWING]
    if not telling:
        show(_("No unknown of the profile moves P50 or P90 here: your own results set the level and the spread."))
        show("")
        return
    show_table(
        [_("unknown"), _("range"), "P50", "P90", _("rests on")],
        [
            [
                item.note,
                f"{item.low:g}–{item.high:g}",
                f"{format_count(item.p50_at_low)}→{format_count(item.p50_at_high)}",
                f"{format_count(item.p90_at_low)}→{format_count(item.p90_at_high)}",
                item.confidence,
            ]
            for item in telling[:10]
        ],
        title=_("which unknown drives the answer (each from its low to its high end)"),
    )
    show("")


def show_constants(ranking: RankingProfile, as_json: bool) -> None:
    if as_json:
        print_json("ranking_profile", ranking.model_dump(mode="json"))
        return
    show(f"{ranking.id}: {ranking.about}")
    show("")
    for part, title in ((ranking.constants, None), (ranking.market, _("of the feed alone (`simulate market`)"))):
        rows = []
        for name in type(part).model_fields:
            constant = getattr(part, name)
            low, high = constant.bounds
            span = f"{constant.default:g}" if low == high else f"{constant.default:g} ({low:g}–{high:g})"
            rows.append([name, span, constant.confidence, constant.note])
        show_table([_("constant"), _("default (range)"), _("rests on"), _("what it is")], rows, title=title)
        show("")
    show(
        _(
            "OFF official · ENG an engineer's statement · PAP a paper · CODE seen in code or exports · "
            "LORE practitioners' claim · CALC calculated here · SEED claimed by the founding paper · "
            "JUDGE our judgement"
        )
    )
