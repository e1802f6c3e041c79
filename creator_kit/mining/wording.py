"""What a mined library says in words: what was read, what could be compared, and what data would say more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from creator_kit.locale import _, ngettext
from creator_kit.mining.template import Lift, Tier
from creator_kit.mining.title_library import LibrarySummary, TitleLibrary

if TYPE_CHECKING:
    from creator_kit.mining.scenarios import Scenario
    from creator_kit.mining.scorer import ScorerCard

SMALL_CORPUS = 200


def name_tier(tier: Tier) -> str:
    """The tier as a person says it."""
    return {
        "reliable": _("reliable"),
        "promising": _("promising"),
        "common": _("common"),
        "avoided": _("avoided"),
    }[tier]


def name_verdict(verdict: str) -> str:
    """A scenario's verdict as a person says it."""
    return {
        "under-served": _("under-served"),
        "promising": _("promising"),
        "unclear": _("unclear"),
        "even": _("even"),
        "crowded": _("crowded"),
        "supply-only": _("supply only"),
    }[verdict]


def format_lift(lift: Lift | None) -> str:
    """``1.42 [1.05, 1.90]``, or "prevalence only" where there was nothing to compare with."""
    if lift is None:
        return _("prevalence only")
    return f"{lift.value:.2f} [{lift.interval.low:.2f}, {lift.interval.high:.2f}]"


def describe_library(library: TitleLibrary) -> list[str]:
    """Plain sentences about ``library``: first what it holds, then why it holds no more."""
    summary = library.summary
    lines = [
        _("{n_titles} titles by {n_authors} authors, from {n_notes} notes.").format(
            n_titles=f"{summary.n_titles:,}", n_authors=f"{summary.n_authors:,}", n_notes=f"{summary.n_notes:,}"
        )
    ]
    if summary.published_first:
        lines.append(
            _("Published {first} to {last}.").format(first=summary.published_first, last=summary.published_last)
        )
    if library.templates:
        lines.append(
            ngettext(
                "{n} template covers {rate} of the titles.", "{n} templates cover {rate} of the titles.",
                len(library.templates),
            ).format(n=len(library.templates), rate=f"{summary.covered_rate:.0%}")
        )  # fmt: skip
    else:
        lines.append(_no_template(summary))
    return lines + _doubts(library)


def describe_scenarios(scenarios: Sequence[Scenario]) -> list[str]:
    """Plain sentences about ``scenarios``: what the verdicts rest on, and what data would say more."""
    if not scenarios:
        return [
            _("No hashtag is shared by 5 notes of 3 authors."),
            _("Notes with hashtags would change that: creator-kit corpus add FILE"),
        ]
    verdicts = {one.verdict for one in scenarios}
    if verdicts == {"supply-only"}:
        return [
            _(
                "None of these notes could be compared with its like, so this is supply only."
                " Exports with exact counts, hits and ordinary notes together, would show the demand."
            )
        ]
    lines = [
        _("Demand: how much more often these notes get hot than comparable ones, with an interval at 90%."),
        _("An interval stands for its hashtag alone; verdicts allow for chance over all {n}.").format(
            n=f"{len(scenarios):,}"
        ),
    ]
    if "unclear" in verdicts:
        lines.append(_("Unclear: too few notes to tell more demand from less."))
    if "under-served" not in verdicts:
        lines.append(_("No scenario is under-served beyond doubt in this corpus."))
        lines.append(
            _("More notes of the promising ones, by many authors, would tell.")
            if "promising" in verdicts
            else _("Searches of single scenarios, sorted by time, would tell.")
        )
    return lines


def describe_scorer(card: ScorerCard | None) -> list[str]:
    """The held-out figures of the title scorer in words, and whether it may be used."""
    if card is None:
        return [_("Title scorer: too few comparable titles to judge one (200 by 25 authors are needed).")]
    rows = (
        (_("title scorer"), card.ours),
        (_("character n-grams alone"), card.ngrams),
        (_("the author's own median"), card.author_median),
    )
    lines = [
        _("Held out by author, {n_notes} notes of {n_authors} authors:").format(
            n_notes=f"{card.n_notes:,}", n_authors=f"{card.n_authors:,}"
        )
    ]
    if card.n_available > card.n_notes:
        lines.append(_("  (a sample by author of {n} comparable titles)").format(n=f"{card.n_available:,}"))
    lines += [
        _("  {name}: Spearman {spearman}, AUC {auc}").format(
            name=name, spearman=f"{held.spearman:.2f}", auc=f"{held.auc:.2f}"
        )
        for name, held in rows
    ]
    lines.append(
        _("  gain over n-grams in Spearman, interval at 90%: {low} to {high}").format(
            low=f"{card.gain_low:+.3f}", high=f"{card.gain_high:+.3f}"
        )
    )
    if card.is_useful:
        lines.append(_("The scorer beats character n-grams here."))
    else:
        lines.append(_("The scorer does not beat character n-grams here; rank drafts without it."))
    return lines


def _no_template(summary: LibrarySummary) -> str:
    if not summary.n_notes:
        return _("There is no note in the corpus yet; add exports with: creator-kit corpus add FILE")
    if not summary.n_titles:
        return _("None of the notes has a title of its own, so there is nothing to mine.")
    if summary.n_authors < 3:
        return _("A template needs at least 3 authors; add notes by other people.")
    return _(
        "No template: no frame is shared by 5 notes of 3 authors."
        " Some hundred notes about one subject by many authors usually show the first ones."
    )


def _doubts(library: TitleLibrary) -> list[str]:
    summary = library.summary
    lines: list[str] = []
    if summary.n_titles and summary.hot_only and not summary.n_compared:
        lines.append(
            _(
                "All of these notes are hits, so nothing here can say which titles do better: prevalence only."
                " Ordinary notes beside them (a whole account, a search sorted by time) would change that."
            )
        )
    elif summary.hot_only_sources:
        lines.append(
            _("Lists of hits count for prevalence only: {sources}.").format(sources=", ".join(summary.hot_only_sources))
        )
    if summary.n_titles and not summary.hot_only and not _compares(library):
        lines.append(
            _(
                "No note could be compared with its like: counts are missing, all equal, or only floors such as 10+,"
                " or the notes are too few or too alike. Exports with exact counts, 20 notes or more of one search"
                " or 8 of one author, would change that."
            )
        )
    elif 0 < summary.n_compared < summary.n_titles:
        lines.append(
            _("{n} of them can be compared with similar notes; the others count for prevalence only.").format(
                n=f"{summary.n_compared:,}"
            )
        )
    if summary.n_authors == 1 and summary.n_titles:
        lines.append(
            _(
                "All notes are by one author, so habits and good titles cannot be told apart."
                " Notes of other authors on the same subject would change that."
            )
        )
    if 0 < summary.n_titles < SMALL_CORPUS:
        lines.append(_("Fewer than {n} titles: take what follows as a first look.").format(n=SMALL_CORPUS))
    if summary.n_without_author:
        lines.append(
            _("{n} notes name no author and count as one author together.").format(n=f"{summary.n_without_author:,}")
        )
    if summary.n_keywords == 1:
        lines.append(_("All searched notes come from one keyword: these templates may not fit other subjects."))
    if _spans_one_week(summary):
        lines.append(_("All notes were published within one week: a passing trend looks like a rule here."))
    if library.templates and _compares(library) and not summary.n_tiers.get("reliable"):
        lines.append(
            _(
                "No reliable template in this corpus: no lift survives the control for chance and for single authors."
                " More notes with exact counts, above all whole accounts of several authors, would sharpen it."
            )
        )
    return lines


def _compares(library: TitleLibrary) -> bool:
    """Whether anything was compared: where all counts are equal every note has its like, and none is hot."""
    if library.templates:
        return any(template.lift is not None for template in library.templates)
    return library.summary.n_compared > 0


def _spans_one_week(summary: LibrarySummary) -> bool:
    from datetime import date

    if summary.n_titles < 5 or not summary.published_first or not summary.published_last:
        return False
    try:
        days = date.fromisoformat(summary.published_last) - date.fromisoformat(summary.published_first)
    except ValueError:
        return False
    return days.days < 7
