"""The ways in which writers disguise a word, applied to what a rule found, and what is found after that.

    python tests/review/review_score.py --variants

Only what a rule underlined is altered, as a writer would who wants to pass: the rest of the sentence stays. Sentences
that a kind leaves as they are (full width without a letter in it) are not counted for it. Hard negatives are altered
from end to end. Which character is altered and which of its sound is put in comes from the text itself;
``put_in_other`` draws otherwise, so that nothing is fitted to one draw.
"""

from __future__ import annotations

import random
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import opencc
from review_score import Score, review_row

from creator_kit.review.respelling import common_by_sound
from creator_kit.review.rules import RuleSet
from creator_kit.review.sounds import load_readings

_TO_TRADITIONAL = opencc.OpenCC("s2t")
_LOOK_ALIKES = str.maketrans("aceopxyiskhtvuABCEHKMOPTXY", "асеорхуіѕкһтνυАВСЕНКМОРТХУ")
_EMOJI = ("❤️", "🌟", "✨", "🔥", "🌸")
_MARKS = ("·", "*", "/", "_", "~", "|", "-", "➖")


def _choose(choices: Sequence[str], text: str) -> str:
    """One of ``choices``, the same for the same text in every run."""
    return choices[zlib.crc32(text.encode()) % len(choices)]


def _between(text: str, filler: str) -> str:
    return filler.join(text)


def _one_character(text: str, change: Callable[[str], str]) -> str:
    """``text`` with one of its Chinese characters changed, chosen by the text itself."""
    places = [at for at, char in enumerate(text) if char in load_readings()]
    if not places:
        return text
    at = places[zlib.crc32(text.encode()) % len(places)]
    return text[:at] + change(text[at]) + text[at + 1 :]


def find_homophones(char: str) -> list[str]:
    """The other characters of GB 2312 of the same toneless syllable."""
    return [other for other in common_by_sound().get(load_readings()[char], "") if other != char]


def _homophone(char: str) -> str:
    others = find_homophones(char)
    return _choose(others, char) if others else char


def put_in_other(text: str, rng: random.Random) -> str:
    """``text`` with any of its characters replaced by any other of the same sound; as it is where it has none."""
    places = [at for at, char in enumerate(text) if char in load_readings() and find_homophones(char)]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + rng.choice(find_homophones(text[at])) + text[at + 1 :]


def _split_over_lines(text: str) -> str:
    middle = (len(text) + 1) // 2
    return text[:middle] + "\n" + text[middle:]


def _full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


KINDS: dict[str, Callable[[str], str]] = {
    "spaces": lambda text: _between(text, " "),
    "emoji in between": lambda text: _between(text, _choose(_EMOJI, text)),
    "marks in between": lambda text: _between(text, _choose(_MARKS, text)),
    "zero width": lambda text: _between(text, "\u200b"),
    "split over lines": _split_over_lines,
    "full width": _full_width,
    "look-alikes": lambda text: text.translate(_LOOK_ALIKES),
    "traditional": _TO_TRADITIONAL.convert,
    "pinyin for one": lambda text: _one_character(text, lambda char: load_readings()[char]),
    "homophone for one": lambda text: _one_character(text, _homophone),
}


def is_found(row: dict[str, Any], text: str, rules: RuleSet) -> bool:
    """Whether ``text`` in place of the row's blocks for a reason that the row names."""
    findings = review_row({**row, "text": text}, rules)
    return any(f.severity == "block" and f.family in row["families"] for f in findings)


def find_positives(rows: Sequence[dict[str, Any]], rules: RuleSet) -> list[tuple[dict[str, Any], int, int]]:
    """The rows whose words block, with the part of the text that is underlined."""
    positives = []
    for row in rows:
        if not row["block"] or row.get("known") or row.get("field") or row["families"][0] in ("limits", "missing"):
            continue
        for finding in review_row(row, rules):
            at = row["text"].find(finding.matched) if finding.matched else -1
            if finding.severity == "block" and finding.family in row["families"] and at >= 0:
                positives.append((row, at, at + len(finding.matched)))
                break
    return positives


def score_variants(
    rows: Sequence[dict[str, Any]], rules: RuleSet
) -> dict[str, tuple[Score, dict[str, Score], int, int]]:
    """By kind: the score over all positives, by family, and of how many altered hard negatives how many are blocked."""
    positives = find_positives(rows, rules)
    negatives = [row for row in rows if not row["families"]]
    found: dict[str, tuple[Score, dict[str, Score], int, int]] = {}
    for kind, alter in KINDS.items():
        everything, by_family = Score(), dict[str, Score]()
        for row, start, end in positives:
            text = row["text"]
            altered = text[:start] + alter(text[start:end]) + text[end:]
            if altered == text:
                continue
            family = by_family.setdefault(row["families"][0], Score())
            if is_found(row, altered, rules):
                everything.right += 1
                family.right += 1
            else:
                everything.missed += 1
                family.missed += 1
                family.wrong.append(altered)
        n_false = n_altered = 0
        for row in negatives:
            altered = alter(row["text"])
            if unicodedata.normalize("NFC", altered) == row["text"]:
                continue
            n_altered += 1
            if any(f.severity == "block" for f in review_row({**row, "text": altered}, rules)):
                n_false += 1
                everything.wrong.append(altered)
        found[kind] = everything, dict(sorted(by_family.items())), n_false, n_altered
    return found
