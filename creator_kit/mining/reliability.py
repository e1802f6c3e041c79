"""What would make a template reliable: how many more notes, or which kind of them."""

from __future__ import annotations

import math

from creator_kit.locale import _
from creator_kit.mining.template import TitleTemplate

# Farther than this nobody collects notes for one template.
MAX_TIMES = 20.0


def needed_times(template: TitleTemplate) -> float | None:
    """How many times its compared notes would put the interval above 1, were the lift to stay as it is.

    The interval of the logarithm narrows with the square root of the notes. None without a lift above 1.
    """
    lift = template.lift
    if lift is None or lift.value <= 1 or lift.interval.low <= 0:
        return None
    if lift.interval.low > 1:
        return 1.0
    return (math.log(lift.value / lift.interval.low) / math.log(lift.value)) ** 2


def describe_need(template: TitleTemplate) -> str:
    """One sentence: what would make ``template`` reliable, or why it is, or that nothing here would."""
    if template.tier == "reliable":
        return _("Reliable already: the whole interval lies above 1 after the control for chance.")
    if template.tier == "avoided":
        return _("Its notes do worse beyond doubt; more of them would not help it.")
    lift = template.lift
    if template.origin == "authored" and lift is None:
        return _("Written by us and not measured: a corpus with 5 notes of 3 authors that use it would give figures.")
    times = needed_times(template)
    if lift is None:
        return _(
            "Nothing to compare with: ordinary notes beside the hits (20 of one search or 8 of one author, with exact "
            "counts) would give it a lift."
        )
    if times is None:
        return _("Its notes are no hotter than others so far; only a different corpus could change that.")
    n_compared = lift.n_hot + lift.n_ordinary
    if times > MAX_TIMES:
        return _("Its lift is too near to 1: more than {n} notes would be needed to tell.").format(
            n=f"{_round(n_compared * MAX_TIMES):,}"
        )
    if times <= 1:
        return _(
            "Its interval lies above 1, but among so many templates chance alone gives some like it: more authors."
        )
    return _("About {n} compared notes instead of {now}, if its lift stays, by several authors.").format(
        n=f"{_round(n_compared * times):,}", now=n_compared
    )


def _round(n: float) -> int:
    """``n`` rounded up to two digits: more would be pretence."""
    unit = int(10 ** max(math.floor(math.log10(max(n, 1))) - 1, 0))
    return math.ceil(n / unit) * unit
