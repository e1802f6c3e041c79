"""How wrong forecasts would have been, for any number of accounts: the table of `creator-kit backtest`, side by side.

Run: python benchmarks/backtest.py FILE... (a note list of the creator centre, our JSONL with impressions, or a JSONL of
another platform's posts of one account in their order, with `extra.impressions`; --newest-first where they run back)

Each note is predicted from those that were known before it, one ahead; nothing is tuned here. The row `shown` is what a
forecast would have shown at the time: the method that the notes before it would have chosen.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from creator_kit.corpus.note import Note
from creator_kit.corpus.readers import open_export
from creator_kit.corpus.reading import ReadOptions
from creator_kit.errors import RefusedError
from creator_kit.exposure import load_profile
from creator_kit.exposure.backtest import score_shown, score_walk, walk_forward
from creator_kit.exposure.fitting import level_prior
from creator_kit.exposure.history import OwnHistory, collect_history


def load_account(path: Path, *, newest_first: bool) -> OwnHistory:
    """The settled notes of an account; posts of other platforms are taken as three days apart."""
    try:
        rows = open_export(path, ReadOptions(hash_key=b"benchmark")).rows()
        return collect_history(row for row in rows if isinstance(row, Note))
    except RefusedError:
        posts = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if newest_first:
        posts.reverse()
    impressions = np.array([float(post["extra"]["impressions"]) for post in posts])
    return OwnHistory(
        days=3.0 * np.arange(len(posts), dtype=np.float64),
        age_days=np.full(len(posts), 100.0),
        is_video=np.array([post["type"] in ("视频", "Video") for post in posts]),
        impressions=impressions,
        views=np.full(len(posts), np.nan),
        counts={},
        left_out={},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--profile", default="explore")
    parser.add_argument("--newest-first", nargs="*", default=[], metavar="NAME", help="parts of names of such files")
    arguments = parser.parse_args()
    profile = load_profile(arguments.profile)
    priors = {is_video: level_prior(profile, is_video=is_video) for is_video in (False, True)}
    for path in arguments.files:
        history = load_account(path, newest_first=any(part in path.name for part in arguments.newest_first))
        walk = walk_forward(history, priors)
        result, shown = score_walk(walk), score_shown(walk)
        left_out = ", ".join(f"{reason} {n}" for reason, n in history.left_out.items()) or "none"
        print(f"{path.name}: {result.n_notes} notes, {result.n_scored} scored, left out: {left_out}")
        for score in [*result.scores.values(), *([shown] if shown else [])]:
            told = "  none" if score.spearman is None else f"{score.spearman:+6.2f}"
            print(
                f"  {score.method:7} MAE ln {score.mae_log:.3f}  Spearman {told}  pinball {score.pinball:.3f}  "
                f"80 % interval holds {score.coverage:4.0%} ({score.coverage_low:.0%} to {score.coverage_high:.0%})"
            )
        if result.scores:
            print(
                f"  gain on {result.better_median}: {result.gain:+.3f} ({result.gain_low:+.3f} to "
                f"{result.gain_high:+.3f}); shown: {result.chosen}"
            )


if __name__ == "__main__":
    main()
