"""The forecast part: what a note of this account may reach, what would change it, and how much to trust that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from creator_kit.corpus.note import Note
from creator_kit.corpus.store import iter_histories
from creator_kit.drafting import Draft
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
from creator_kit.exposure.compare import TITLE_DECIMALS, RateTitle, Sensitivity
from creator_kit.exposure.fitting import describe_method, level_prior
from creator_kit.exposure.funnel_chart import name_outcome
from creator_kit.exposure.growth import collect_growth
from creator_kit.exposure.history import collect_history
from creator_kit.exposure.ledger import settle_ledger
from creator_kit.exposure.picture import format_count
from creator_kit.locale import Both, _, in_both
from creator_kit.mining.title_scorer import load_scorer
from creator_kit.planning.slot import load_slots
from creator_kit.report.charts import draw_calibration, draw_fan, draw_funnel
from creator_kit.report.model import Chart, ForecastPart, Table, Unknown
from creator_kit.report.what_ifs import MAX_DRAFTS, Comparer, compare_drafts, compare_scenarios
from creator_kit.workspace import Workspace

HORIZON_DAYS, N_REPLICATES = 30, 4000
LEAST_SWING = 0.01
MAX_CALIBRATION_ROWS = 120
_TABLE_HOURS = (1, 6, 24, 72, 168, 336, 720)


def collect_forecast(
    workspace: Workspace,
    own: list[Note],
    drafts: Sequence[Draft],
    profile: RankingProfile | FittedProfile,
    cache: Path,
    *,
    seed: int,
) -> ForecastPart:
    """The forecast of a note of pictures by this account, as ``simulate`` gives it for ``seed``; what-ifs for
    ``drafts``."""
    settings = workspace.settings
    ranking = profile.profile if isinstance(profile, FittedProfile) else profile
    note = NoteInput(type="图文", followers=settings.followers, grade=settings.grade)
    forecast = simulate_note(profile, note, n_replicates=N_REPLICATES, horizon_days=HORIZON_DAYS, seed=seed)
    comparer = Comparer(profile, N_REPLICATES, HORIZON_DAYS, seed, cache / f"forecast-{forecast.inputs_hash}.json")
    rate_title = find_title_scorer(workspace.root)
    what_ifs = compare_scenarios(comparer, note)
    of_drafts = compare_drafts(comparer, note, drafts, rate_title or (lambda _title: None))
    unknowns = comparer.rank_unknowns(note)
    comparer.keep()
    trust, calibration, table = _judge(workspace, ranking, own)
    return ForecastPart(
        heading=in_both(lambda: _("A note of this account over {days} days").format(days=HORIZON_DAYS)),
        basis=in_both(lambda: describe_basis(profile, note)),
        fan=_fan(forecast),
        fan_table=_fan_table(forecast),
        funnel=_funnel(forecast),
        funnel_table=_funnel_table(forecast),
        reach=Table(
            (in_both(lambda: _("at least so many impressions")), in_both(lambda: _("chance"))),
            tuple((_same(f"{n:,}"), _same(f"{p:.0%}")) for n, p in forecast.p_at_least.items() if 0.005 <= p <= 0.995),
        ),
        what_ifs=what_ifs,
        drafts=of_drafts,
        n_shown_drafts=MAX_DRAFTS,
        on_titles=in_both(lambda: _describe_titles(rate_title is not None)),
        unknowns=tuple(_unknown(ranking, item) for item in unknowns if item.swing >= LEAST_SWING),
        trust=trust,
        calibration=calibration,
        calibration_table=table,
    )


def _same(text: str) -> Both:
    return Both(text, text)


def fit_own(workspace: Workspace, own: Sequence[Note]) -> RankingProfile | FittedProfile:
    """The workspace's profile fitted to its own results, or as it is where there are none."""
    ranking = load_profile(workspace.settings.profile, workspace.root)
    usable = [note for note in own if note.impressions is not None or note.views is not None]
    if not usable:
        return ranking
    grown = collect_growth(iter_histories(workspace, own=True))
    settings = workspace.settings
    return fit_profile(ranking, usable, grown=grown, followers=settings.followers, grade=settings.grade)


def find_title_scorer(root: Path) -> RateTitle | None:
    """What the workspace's corpus says of a title; None unless its scorer has proved itself on unseen authors."""
    scorer = load_scorer(root)
    if scorer is None or not scorer.is_useful:
        return None
    return lambda title: round(scorer.standardise(title), TITLE_DECIMALS) if title else None


def _describe_titles(is_scored: bool) -> str:
    if is_scored:
        return _(
            "Titles are scored by what this corpus shows; the scorer did better than chance on authors it had not seen."
        )
    return _(
        "Nothing here can tell a draft's titles apart: no title scorer has proved itself on authors it had not seen "
        "(creator-kit mine tries it when the corpus is large enough)."
    )


def describe_basis(profile: RankingProfile | FittedProfile, note: NoteInput) -> str:
    # The sentence of `simulate` for these inputs; asking for few replicates costs nothing and says the same.
    return simulate_note(profile, note, n_replicates=100, horizon_days=1, seed=0).basis


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
