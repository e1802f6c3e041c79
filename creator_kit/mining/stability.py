"""Would another sample give the same library? Half of the authors against the other half."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from creator_kit.locale import _
from creator_kit.mining.building import spell_skeleton
from creator_kit.mining.matching import read_all
from creator_kit.mining.template import TitleTemplate
from creator_kit.mining.topics import TitleRow

TOP = 20
N_SPLITS = 3
# Fewer templates than this in a half say nothing about a share.
MIN_TEMPLATES = 5
# Two templates are one when the titles that either reads are at least this share of those that any reads.
SAME_SHARE = 0.5
STEADY_SHARE = 0.6

Seek = Callable[[Sequence[TitleRow]], Sequence[TitleTemplate]]


def measure_halves(rows: Sequence[TitleRow], seek: Seek) -> float | None:
    """Share (0..1) of the first 20 templates of each half of the authors that the other half's library holds too,
    over three ways to halve them.

    ``seek`` gives the templates of some rows, best first. Templates are the same when they say the same words around
    as many slots, or read mostly the same titles. None: a half has too few templates for a share.
    """
    n_same = n_all = 0
    for split in range(N_SPLITS):
        # Authors are numbered by their ids; bits of a multiplicative hash deal them out, alike on every run.
        sides = [((row.author + 1) * 2_654_435_761 >> (12 + 3 * split)) % 2 for row in rows]
        halves = [[row for row, side in zip(rows, sides, strict=True) if side == one] for one in (0, 1)]
        mined = [seek(half) for half in halves]
        if min(map(len, mined)) < MIN_TEMPLATES:
            return None
        for here, there in ((0, 1), (1, 0)):
            top = mined[here][:TOP]
            n_same += _count_same(top, mined[there], [row.title for row in halves[there]])
            n_all += len(top)
    return n_same / n_all


def _count_same(top: Sequence[TitleTemplate], others: Sequence[TitleTemplate], titles: Sequence[str]) -> int:
    """How many of ``top`` are among ``others``, told by words or by what they read in ``titles``."""
    said = {spell_skeleton(template) for template in others}
    reads = [set(numbers) for numbers, _fillings in read_all(titles, [*top, *others])]
    n = 0
    for number, template in enumerate(top):
        mine = reads[number]
        n += spell_skeleton(template) in said or any(
            len(mine & other) >= SAME_SHARE * len(mine | other) for other in reads[len(top) :] if mine or other
        )
    return n


def describe_halves(share: float | None) -> list[str]:
    """What the share says in words; nothing where it was not measured."""
    if share is None:
        return []
    percent = f"{share:.0%}"
    if share >= STEADY_SHARE:
        return [
            _("Mined from half of the authors each, {rate} of the first templates are the same.").format(rate=percent)
        ]
    return [
        _(
            "Mined from half of the authors each, only {rate} of the first templates are the same:"
            " another sample would give another library. More notes would steady it."
        ).format(rate=percent)
    ]
