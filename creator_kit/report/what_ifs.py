"""What-ifs: the account's usual note against scenarios, and a draft's title and cover against others.

All are paired draws of the exposure model under common random numbers, as ``simulate --what-if`` gives them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from creator_kit import __version__
from creator_kit.datafiles import write_whole
from creator_kit.drafting import Draft
from creator_kit.exposure import FittedProfile, NoteInput, RankingProfile
from creator_kit.exposure.compare import (
    Difference,
    RateTitle,
    Sensitivity,
    compare_draws,
    describe_difference,
    rank_unknowns,
)
from creator_kit.exposure.picture import format_count
from creator_kit.exposure.profile import Array
from creator_kit.exposure.simulate import outcome_draws, simulate_replicates
from creator_kit.locale import Both, _, in_both
from creator_kit.report.model import DraftWhatIf, WhatIf

# Each of some fifty constants is run twice; common random numbers rank them with far fewer than a forecast takes.
N_UNKNOWN_REPLICATES = 500
N_UNKNOWNS = 10
# Scores of a cover that reads as most do, and of one that reads well; see cover.scoring.
PLAIN_COVER, GOOD_COVER = 60, 90
MAX_DRAFTS, MAX_OTHER_TITLES = 6, 4


class _Kept(msgspec.Struct):
    """What takes seconds to compute, by what it was computed for, and the version that computed it."""

    version: str
    differences: dict[str, Difference]
    unknowns: list[Sensitivity] | None = None


@dataclass
class Comparer:
    """Runs each note once and keeps its draws; ``path`` keeps the results for the next page."""

    profile: RankingProfile | FittedProfile
    n_replicates: int
    horizon_days: int
    seed: int
    path: Path
    _draws: dict[NoteInput, dict[str, Array]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            kept = msgspec.json.decode(self.path.read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError):
            kept = None
        # Another version may model the same note otherwise.
        self._kept = kept if kept is not None and kept.version == __version__ else _Kept(__version__, {})
        self._has_new = False

    def compare(self, base: NoteInput, scenario: NoteInput) -> Difference:
        """``scenario`` against ``base``, as ``compare_notes`` gives it."""
        key = msgspec.json.encode((base, scenario)).decode()
        if key not in self._kept.differences:
            self._kept.differences[key] = compare_draws(self._run(base), self._run(scenario))
            self._has_new = True
        return self._kept.differences[key]

    def rank_unknowns(self, note: NoteInput) -> list[Sensitivity]:
        """The ``N_UNKNOWNS`` that drive the answer for ``note`` most."""
        if self._kept.unknowns is None:
            ranked = rank_unknowns(
                self.profile,
                note,
                n_replicates=N_UNKNOWN_REPLICATES,
                horizon_days=self.horizon_days,
                seed=self.seed,
            )
            self._kept.unknowns = ranked[:N_UNKNOWNS]
            self._has_new = True
        return self._kept.unknowns

    def keep(self) -> None:
        """Write what is new to ``path``."""
        if self._has_new:
            with write_whole(self.path) as temporary:
                temporary.write_bytes(msgspec.json.encode(self._kept))

    def _run(self, note: NoteInput) -> dict[str, Array]:
        if note not in self._draws:
            self._draws[note] = outcome_draws(
                simulate_replicates(
                    self.profile,
                    note,
                    n_replicates=self.n_replicates,
                    horizon_days=self.horizon_days,
                    seed=self.seed,
                    with_curve=False,
                )
            )
        return self._draws[note]


def compare_scenarios(comparer: Comparer, note: NoteInput) -> tuple[WhatIf, ...]:
    """What would change a note of this account."""
    plain = replace(note, cover_score=PLAIN_COVER)
    scenarios = (
        ("hour=20", note, replace(note, hour=20)),
        ("type=视频", note, replace(note, type="视频")),
        ("sponsored=yes", note, replace(note, sponsored=True)),
        ("quality=1", note, replace(note, quality=1.0)),
        ("cover=90", plain, replace(note, cover_score=GOOD_COVER)),
        ("paid=2000", note, replace(note, paid_impressions=2000)),
    )
    return tuple(
        _what_if(in_both(lambda name=name: _name_scenario(name)), comparer.compare(base, other))  # type: ignore[misc]
        for name, base, other in scenarios
    )


def compare_drafts(
    comparer: Comparer, note: NoteInput, drafts: Sequence[Draft], rate_title: RateTitle
) -> tuple[DraftWhatIf, ...]:
    """The title of each of ``drafts`` against its other candidates, and its cover against a better or a plainer one."""
    rated: dict[str, float | None] = {}

    def rate(title: str) -> float | None:
        if title not in rated:
            rated[title] = rate_title(title)
        return rated[title]

    found = []
    for draft in drafts:
        base = replace(note, sponsored=bool(draft.sponsored))
        now = replace(base, title_quality=rate(draft.title))
        others = [item.title for item in draft.titles if item.title != draft.title][:MAX_OTHER_TITLES]
        rows = {
            title: _what_if(
                in_both(lambda title=title: _("the title “{title}”").format(title=title)),  # type: ignore[misc]
                comparer.compare(now, replace(base, title_quality=rate(title))),
            )
            for title in others
        }
        cover = _compare_cover(comparer, now, draft.extra)
        told = [row for row in rows.values() if row.is_told]
        untold = _join_untold([row for row in rows.values() if not row.is_told])
        short = tuple(row for row in (*told, untold, cover) if row is not None)
        found.append(DraftWhatIf(draft.draft_id, draft.title, rows, cover, untold, short))
    return tuple(found)


def _join_untold(rows: Sequence[WhatIf]) -> WhatIf | None:
    """One row for all titles of which nothing can be told, with the widest of their ranges."""
    if len(rows) < 2:
        return rows[0] if rows else None
    name = in_both(lambda: _("any of {n} other titles").format(n=len(rows)))
    low, high = min(row.low for row in rows), max(row.high for row in rows)
    return replace(rows[0], scenario=name, low=low, high=high)


def _compare_cover(comparer: Comparer, base: NoteInput, extra: Mapping[str, object]) -> WhatIf | None:
    score = extra.get("cover_score")
    if not isinstance(score, (int, float)) or isinstance(score, bool) or not 0 <= score <= 100:
        return None
    other = PLAIN_COVER if score >= GOOD_COVER - 10 else GOOD_COVER
    return _what_if(
        in_both(lambda: _("a cover that scores {other} (now {score:.0f})").format(other=other, score=score)),
        comparer.compare(replace(base, cover_score=round(score)), replace(base, cover_score=other)),
    )


def _what_if(scenario: Both, difference: Difference) -> WhatIf:
    return WhatIf(
        scenario=scenario,
        now=format_count(difference.base_p50),
        then=format_count(difference.scenario_p50),
        change=in_both(lambda: describe_difference(difference)),
        is_told=difference.is_told,
        low=100 * difference.change.p10,
        high=100 * difference.change.p90,
    )


def _name_scenario(code: str) -> str:
    return {
        "hour=20": _("posted at 20:00"),
        "type=视频": _("a video instead of pictures"),
        "sponsored=yes": _("a paid partnership"),
        "quality=1": _("better than your usual by one standard deviation"),
        "cover=90": _("a cover that scores {good}, not {plain}").format(good=GOOD_COVER, plain=PLAIN_COVER),
        "paid=2000": _("2,000 impressions bought"),
    }[code]
