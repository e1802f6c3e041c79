"""The forecast part: what a note of this account may reach, what would change it, and how much to trust that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from creator_kit.corpus.note import Note
from creator_kit.corpus.store import iter_histories
from creator_kit.datafiles import write_whole
from creator_kit.exposure import (
    FittedProfile,
    Forecast,
    NoteInput,
    RankingProfile,
    fit_profile,
    load_profile,
    simulate_note,
)
from creator_kit.exposure.backtest import MIN_KNOWN, SCORED_AGE_DAYS, Backtest, score_walk, walk_forward
from creator_kit.exposure.chart import describe_age
from creator_kit.exposure.compare import Difference, Sensitivity, compare_notes, describe_difference, rank_unknowns
from creator_kit.exposure.fitting import describe_method, level_prior
from creator_kit.exposure.funnel_chart import name_outcome
from creator_kit.exposure.growth import collect_growth
from creator_kit.exposure.history import collect_history
from creator_kit.exposure.ledger import settle_ledger
from creator_kit.exposure.picture import format_count
from creator_kit.locale import Both, _, in_both
from creator_kit.planning.slot import load_slots
from creator_kit.report.charts import draw_calibration, draw_fan, draw_funnel
from creator_kit.report.model import Chart, ForecastPart, Table, Unknown, WhatIf
from creator_kit.workspace import Workspace

HORIZON_DAYS, N_REPLICATES = 30, 4000
LEAST_SWING = 0.01
N_UNKNOWNS = 10
MAX_CALIBRATION_ROWS = 120
_TABLE_HOURS = (1, 6, 24, 72, 168, 336, 720)
# Each constant is run twice; common random numbers rank them with far fewer than a forecast takes.
N_UNKNOWN_REPLICATES = 500


@dataclass(frozen=True, slots=True)
class _Slow:
    """What takes seconds to compute; kept by the hash of everything that it was made from."""

    differences: list[tuple[str, Difference]]
    unknowns: list[Sensitivity]


def collect_forecast(workspace: Workspace, own: list[Note], cache: Path, *, seed: int) -> ForecastPart:
    """The forecast of a note of pictures by this account, as ``simulate`` gives it for ``seed``."""
    settings = workspace.settings
    ranking = load_profile(settings.profile, workspace.root)
    profile = _fit(workspace, ranking, own)
    note = NoteInput(type="图文", followers=settings.followers, grade=settings.grade)
    forecast = simulate_note(profile, note, n_replicates=N_REPLICATES, horizon_days=HORIZON_DAYS, seed=seed)
    slow = _compute_slow(profile, note, forecast, cache, seed)
    trust, calibration, table = _judge(workspace, ranking, own)
    return ForecastPart(
        heading=in_both(lambda: _("A note of this account over {days} days").format(days=HORIZON_DAYS)),
        basis=in_both(lambda: _describe_basis(profile, note)),
        fan=_fan(forecast),
        fan_table=_fan_table(forecast),
        funnel=_funnel(forecast),
        funnel_table=_funnel_table(forecast),
        reach=Table(
            (in_both(lambda: _("at least so many impressions")), in_both(lambda: _("chance"))),
            tuple((_same(f"{n:,}"), _same(f"{p:.0%}")) for n, p in forecast.p_at_least.items() if 0.005 <= p <= 0.995),
        ),
        what_ifs=tuple(_what_if(name, difference) for name, difference in slow.differences),
        unknowns=tuple(_unknown(ranking, item) for item in slow.unknowns if item.swing >= LEAST_SWING)[:N_UNKNOWNS],
        trust=trust,
        calibration=calibration,
        calibration_table=table,
    )


def _same(text: str) -> Both:
    return Both(text, text)


def _fit(workspace: Workspace, ranking: RankingProfile, own: list[Note]) -> RankingProfile | FittedProfile:
    usable = [note for note in own if note.impressions is not None or note.views is not None]
    if not usable:
        return ranking
    grown = collect_growth(iter_histories(workspace, own=True))
    settings = workspace.settings
    return fit_profile(ranking, usable, grown=grown, followers=settings.followers, grade=settings.grade)


def _describe_basis(profile: RankingProfile | FittedProfile, note: NoteInput) -> str:
    # The sentence of `simulate` for these inputs; asking for few replicates costs nothing and says the same.
    return simulate_note(profile, note, n_replicates=100, horizon_days=1, seed=0).basis


def _scenarios(note: NoteInput) -> list[tuple[str, NoteInput]]:
    return [
        ("hour=20", replace(note, hour=20)),
        ("type=视频", replace(note, type="视频")),
        ("sponsored=yes", replace(note, sponsored=True)),
        ("quality=1", replace(note, quality=1.0)),
        ("paid=2000", replace(note, paid_impressions=2000)),
    ]


def _compute_slow(
    profile: RankingProfile | FittedProfile, note: NoteInput, forecast: Forecast, cache: Path, seed: int
) -> _Slow:
    path = cache / f"forecast-{forecast.inputs_hash}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Slow)
    except (OSError, msgspec.DecodeError):
        pass
    slow = _Slow(
        [
            (name, compare_notes(profile, note, other, n_replicates=N_REPLICATES, horizon_days=HORIZON_DAYS, seed=seed))
            for name, other in _scenarios(note)
        ],
        rank_unknowns(profile, note, n_replicates=N_UNKNOWN_REPLICATES, horizon_days=HORIZON_DAYS, seed=seed),
    )
    with write_whole(path) as temporary:
        temporary.write_bytes(msgspec.json.encode(slow))
    return slow


def _fan(forecast: Forecast) -> Chart:
    hours = forecast.band_hours
    kept = sorted({0, len(hours) - 1, *(min(round(len(hours) ** (k / 79)) - 1, len(hours) - 1) for k in range(80))})
    total = forecast.quantiles["impressions"]
    low, mid, high = (format_count(value) for value in (total.p10, total.p50, total.p90))
    return Chart(
        svg=draw_fan(
            [hours[i] for i in kept],
            {name: [values[i] for i in kept] for name, values in forecast.band.items()},
            x_name=in_both(lambda: _("time since posting (hours, days)")),
            y_name=in_both(lambda: _("impressions so far (number)")),
            name="fan",
        ),
        title=in_both(lambda: _("Impressions as they add up")),
        summary=in_both(
            lambda: _(
                "After {days} days half of such notes have more than {p50} impressions; 8 in 10 have {p10} to {p90}."
            ).format(days=forecast.horizon_days, p10=low, p50=mid, p90=high)
        ),
    )


def _fan_table(forecast: Forecast) -> Table:
    rows = []
    for hour in _TABLE_HOURS:
        if hour in forecast.band_hours:
            at = forecast.band_hours.index(hour)
            values = (format_count(forecast.band[name][at]) for name in ("p10", "p50", "p90"))
            rows.append((in_both(lambda hour=hour: describe_age(hour)), *map(_same, values)))  # type: ignore[misc]
    return Table((in_both(lambda: _("after")), _same("P10"), _same("P50"), _same("P90")), tuple(rows))


def _funnel(forecast: Forecast) -> Chart:
    rows = [
        (in_both(lambda name=name: name_outcome(name)), q.p10, q.p50, q.p90)  # type: ignore[misc]
        for name, q in forecast.quantiles.items()
    ]
    reads, collects = forecast.quantiles["reads"], forecast.quantiles["collects"]
    return Chart(
        svg=draw_funnel(
            rows, x_name=in_both(lambda: _("number over {days} days").format(days=forecast.horizon_days)), name="funnel"
        ),
        title=in_both(lambda: _("From impressions to new followers")),
        summary=in_both(
            lambda: _("Of 10 such notes 8 get {r10} to {r90} reads and {c10} to {c90} collects.").format(
                r10=format_count(reads.p10),
                r90=format_count(reads.p90),
                c10=format_count(collects.p10),
                c90=format_count(collects.p90),
            )
        ),
    )


def _funnel_table(forecast: Forecast) -> Table:
    return Table(
        (in_both(lambda: _("outcome")), _same("P10"), _same("P50"), _same("P90")),
        tuple(
            (
                in_both(lambda name=name: name_outcome(name)),  # type: ignore[misc]
                *(_same(format_count(value)) for value in (q.p10, q.p50, q.p90)),
            )
            for name, q in forecast.quantiles.items()
        ),
    )


def _name_scenario(code: str) -> str:
    return {
        "hour=20": _("posted at 20:00"),
        "type=视频": _("a video instead of pictures"),
        "sponsored=yes": _("a paid partnership"),
        "quality=1": _("better than your usual by one standard deviation"),
        "paid=2000": _("2,000 impressions bought"),
    }[code]


def _what_if(code: str, difference: Difference) -> WhatIf:
    return WhatIf(
        scenario=in_both(lambda: _name_scenario(code)),
        now=format_count(difference.base_p50),
        then=format_count(difference.scenario_p50),
        change=in_both(lambda: describe_difference(difference)),
        is_told=difference.is_told,
    )


def _unknown(ranking: RankingProfile, item: Sensitivity) -> Unknown:
    return Unknown(
        note=in_both(lambda: str(getattr(ranking.constants, item.name).note)),
        span=f"{item.low:g}–{item.high:g}",
        p50=f"{format_count(item.p50_at_low)} → {format_count(item.p50_at_high)}",
        p90=f"{format_count(item.p90_at_low)} → {format_count(item.p90_at_high)}",
        rests_on=item.confidence,
    )


def _judge(
    workspace: Workspace, ranking: RankingProfile, own: list[Note]
) -> tuple[tuple[Both, ...], Chart | None, Table | None]:
    """How much to trust it, in sentences; the calibration of past notes where there are enough."""
    history = collect_history(own)
    settings = workspace.settings
    priors = {
        is_video: level_prior(ranking, is_video=is_video, followers=settings.followers, grade=settings.grade)
        for is_video in (False, True)
    }
    walk = walk_forward(history, priors)
    result = score_walk(walk)
    sentences = [in_both(lambda: _describe_calibration(result))]
    known = {slot.ref: slot.note_id for slot in load_slots(workspace) if slot.ref and slot.note_id}
    ledger = settle_ledger(workspace.list_forecasts(), own, note_of_draft=known)
    if ledger.settled:
        inside = sum(item.is_inside for item in ledger.settled)
        sentences.append(
            in_both(
                lambda: _(
                    "Of {n} forecasts written down before posting, {inside} held (P10 to P90); {open} are open."
                ).format(n=len(ledger.settled), inside=inside, open=ledger.n_open)
            )
        )
    elif ledger.n_open:
        sentences.append(
            in_both(
                lambda: _("{n} forecasts were written down before posting; none has settled yet.").format(
                    n=ledger.n_open
                )
            )
        )
    if not result.scores:
        return tuple(sentences), None, None
    at = np.flatnonzero(walk.scored)[-MAX_CALIBRATION_ROWS:]
    rows = [
        (*(float(max(np.expm1(q), 0)) for q in walk.quantiles[result.chosen][i]), float(np.expm1(walk.y[i])))
        for i in at
    ]
    chart = Chart(
        svg=draw_calibration(
            rows,  # type: ignore[arg-type]
            x_name=in_both(lambda: _("your notes in the order of posting")),
            y_name=in_both(lambda: _("impressions (number)")),
            name="calibration",
        ),
        title=in_both(lambda: _("What was forecast, and what came")),
        summary=sentences[0],
    )
    cells = tuple(
        (_same(str(number)), *(_same(format_count(value)) for value in row)) for number, row in enumerate(rows, 1)
    )
    heads = (in_both(lambda: _("note")), _same("P10"), _same("P50"), _same("P90"), in_both(lambda: _("came")))
    return tuple(sentences), chart, Table(heads, cells)


def _describe_calibration(result: Backtest) -> str:
    if not result.scores:
        return _(
            "Nothing of yours tests this forecast yet: {n} usable notes, and a note counts once {known} others were "
            "known before it and it is {days:g} days old. Take it for an order of magnitude."
        ).format(n=result.n_notes, known=MIN_KNOWN, days=SCORED_AGE_DAYS)
    score = result.scores[result.chosen]
    return _(
        "Of {n} past notes of yours, each forecast from those before it, {share} lay between P10 and P90; 8 in 10 were "
        "promised ({low} to {high} at 95%). Shown is: {method}."
    ).format(
        n=result.n_scored,
        share=f"{score.coverage:.0%}",
        low=f"{score.coverage_low:.0%}",
        high=f"{score.coverage_high:.0%}",
        method=describe_method(result.chosen),
    )
