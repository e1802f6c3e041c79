"""Fit the shipped weights of claims (templates/claims/weights.json) and set the thresholds of their rules.

    python benchmarks/fit_claims.py --notes NOTES.jsonl... [--sentences FILE.jsonl...] [--judges PART...] [--on DATE]

Labelled sentences (default: tests/review/labelled.jsonl) and the examples of the rules, against each other and against
the sentences of real notes and of the shipped corpus, in which nothing is to be found. One logistic regression for
each family over single characters and pairs of neighbours that stand in two labelled sentences at least: from a note
nothing gets in but how common such a pair is. Held-out sentences are never read here.

Figures are cross-validated: five parts, neighbours in a file (often a pair that differs in a word) in one part, notes
by author; examples that share ``RUN`` characters with a sentence left out are left out with it. Sentences of one batch
are more alike than the world is, so the newest part (that of the last sentence read, or `--judges`) judges alone: its
scores become probabilities by Platt's method, and a rule speaks from the least probability at which its precision on
that part and its false alarms on notes are as the options say.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import get_args

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from creator_kit.corpus.shipped import load_shipped_notes
from creator_kit.review import PostText, load_rules
from creator_kit.review.claim_weights import (
    FILE_NAME,
    FOLDER,
    SCALE,
    ClaimTable,
    ClaimWeights,
    FamilyWeights,
    cut_sentences,
    fold_claim,
    list_grams,
    save_weights,
)
from creator_kit.review.rule import Family
from creator_kit.review.rule_files import load_rule_file
from creator_kit.review.rules import RuleSet

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "templates" / "rules" / "reads_like.toml"
_SPEAKING = {rule.family for rule in load_rule_file(RULES).rule}
FAMILIES = tuple(family for family in get_args(Family) if family in _SPEAKING)
N_PARTS = 5
# Sentences that stand together in a file often differ in a word: they are left out together.
BLOCK = 10
RUN = 8
MIN_SENTENCES = 2
# A family of few sentences learns few n-grams.
GRAMS_PER_POSITIVE = 25


@dataclass(frozen=True)
class Labelled:
    """A sentence, folded whole and in the pieces that review would read, with the families that it belongs to."""

    folded: str
    pieces: tuple[str, ...]
    families: frozenset[str]
    part: str


@dataclass(frozen=True)
class Plain:
    """A sentence of a note; ``found`` are the families in which rules found something in it."""

    folded: str
    note: int
    part: int
    found: frozenset[str]


def read_labelled(paths: Iterable[Path], fold: Callable[[str], str], cut: Callable[[str], list[str]]) -> list[Labelled]:
    rows = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row.get("part") == "held_out":
                raise SystemExit(f"{path}: held-out sentences are not to be fitted")
            pieces, families = tuple(cut(row["text"])), frozenset(row["families"])
            rows.append(Labelled(fold(row["text"]), pieces, families, row.get("part", "new")))
    return rows


def read_examples(rules: RuleSet, fold: Callable[[str], str]) -> list[Labelled]:
    return [
        Labelled(fold(text), (fold(text),), families, "example")
        for rule in rules.rules
        if not rule.check and rule.family in FAMILIES
        for texts, families in ((rule.must, frozenset({rule.family})), (rule.must_not, frozenset[str]()))
        for text in texts
    ]


def read_notes(paths: Iterable[Path]) -> Iterator[tuple[str, PostText]]:
    for path in paths:
        for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n"):
            row = json.loads(line)
            yield str(row.get("author")), PostText(row.get("title") or "", row.get("body") or "")
    for note in load_shipped_notes():
        yield note.author, PostText(note.title, note.body)


def read_plain(notes: Iterable[tuple[str, PostText]], rules: RuleSet, table: ClaimTable) -> list[Plain]:
    """The sentences of ``notes``; ``rules`` are those made of words."""
    plain = []
    for number, (author, post) in enumerate(notes):
        part = blake2b(author.encode(), digest_size=2).digest()[0] % N_PARTS
        findings = rules.check(post)
        for name, text in post.texts():
            for sentence in cut_sentences(text, table):
                start, end = sentence.origin[0], sentence.origin[-1] + 1
                found = frozenset(
                    finding.family
                    for finding in findings
                    if finding.field == name and (finding.start < 0 or (finding.start < end and finding.end > start))
                )
                plain.append(Plain(sentence.folded, number, part, found))
    return plain


class Vectors:
    """Sentences as rows of a matrix: 1 over the root of how many n-grams are known, for each that is there."""

    def __init__(self, grams: Iterable[str]) -> None:
        self.grams = sorted(grams)
        self._at = {gram: at for at, gram in enumerate(self.grams)}

    def make(self, texts: Sequence[str]) -> sparse.csr_matrix:
        ends, columns, values = [0], [], []
        for text in texts:
            known = sorted(self._at[gram] for gram in list_grams(text) if gram in self._at)
            columns += known
            values += [1 / np.sqrt(max(len(known), 1))] * len(known)
            ends.append(len(columns))
        return sparse.csr_matrix((values, columns, ends), shape=(len(texts), len(self.grams)))


@dataclass(frozen=True)
class Fitted:
    """Weights by n-gram and family, and what is added by family."""

    vectors: Vectors
    weights: np.ndarray
    bias: np.ndarray

    def score(self, texts: Sequence[str]) -> np.ndarray:
        return np.asarray(self.vectors.make(texts) @ self.weights + self.bias)

    def score_pieces(self, rows: Sequence[Labelled]) -> np.ndarray:
        """By sentence and family, the highest score of its pieces."""
        scores = self.score([piece for row in rows for piece in row.pieces])
        starts = np.cumsum([0, *(len(row.pieces) for row in rows[:-1])])
        return np.maximum.reduceat(scores, starts, axis=0)


def fit(labelled: Sequence[Labelled], plain: Sequence[Plain], *, strength: float, n_grams: int) -> Fitted:
    """Fit, keep for each family the ``n_grams`` n-grams that matter most, and fit again on these.

    ``strength`` is the inverse of the L2 penalty.
    """
    counts = Counter(gram for row in labelled for gram in list_grams(row.folded))
    texts = [row.folded for row in labelled] + [one.folded for one in plain]
    wanted = {
        family: np.array([family in row.families for row in labelled] + [False] * len(plain)) for family in FAMILIES
    }
    # Where a rule found something, nobody said that there is nothing.
    usable = {
        family: np.array([True] * len(labelled) + [family not in one.found for one in plain]) for family in FAMILIES
    }
    vectors = Vectors(gram for gram, n in counts.items() if n >= MIN_SENTENCES)
    matrix = vectors.make(texts)
    frequency = np.sqrt(np.asarray((matrix > 0).sum(axis=0)).ravel())
    kept: dict[str, list[str]] = {}
    for family in FAMILIES:
        weights, _bias = _regress(matrix[usable[family]], wanted[family][usable[family]], strength)
        matters = np.abs(weights) * frequency
        n = min(n_grams, GRAMS_PER_POSITIVE * int(wanted[family].sum()))
        kept[family] = [vectors.grams[at] for at in np.lexsort((np.arange(len(matters)), -matters))[:n]]
    vectors = Vectors({gram for grams in kept.values() for gram in grams})
    matrix = vectors.make(texts)
    columns = {gram: at for at, gram in enumerate(vectors.grams)}
    weights, bias = np.zeros((len(vectors.grams), len(FAMILIES))), np.zeros(len(FAMILIES))
    for at, family in enumerate(FAMILIES):
        some = sorted(columns[gram] for gram in kept[family])
        weights[some, at], bias[at] = _regress(
            matrix[usable[family]][:, some], wanted[family][usable[family]], strength
        )
    return Fitted(vectors, np.round(weights * SCALE) / SCALE, np.round(bias, 3))


def _regress(matrix: sparse.csr_matrix, wanted: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    model = LogisticRegression(C=strength, solver="liblinear", max_iter=400)
    model.fit(matrix, wanted)
    return model.coef_[0], float(model.intercept_[0])


def cross_validate(
    labelled: Sequence[Labelled],
    examples: Sequence[Labelled],
    plain: Sequence[Plain],
    fit_some: Callable[[Sequence[Labelled], Sequence[Plain]], Fitted],
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of the labelled sentences and of the notes' sentences by models that have not seen them."""
    parts = np.arange(len(labelled)) // BLOCK % N_PARTS
    plain_parts = np.array([one.part for one in plain])
    scores, plain_scores = np.zeros((len(labelled), len(FAMILIES))), np.zeros((len(plain), len(FAMILIES)))
    for part in range(N_PARTS):
        tested = [row for row, at in zip(labelled, parts, strict=True) if at == part]
        model = fit_some(
            [row for row, at in zip(labelled, parts, strict=True) if at != part] + leave_out(examples, tested),
            [one for one in plain if one.part != part],
        )
        scores[parts == part] = model.score_pieces(tested)
        plain_scores[plain_parts == part] = model.score([one.folded for one in plain if one.part == part])
    return scores, plain_scores


def leave_out(examples: Sequence[Labelled], tested: Sequence[Labelled]) -> list[Labelled]:
    """``examples`` without those that share a run with one of ``tested``: rules were mended with such sentences."""
    runs = {run for row in tested for run in _runs(row.folded)}
    return [row for row in examples if runs.isdisjoint(_runs(row.folded))]


def _runs(folded: str) -> Iterator[str]:
    return (folded[at : at + RUN] for at in range(max(1, len(folded) - RUN + 1)))


@dataclass(frozen=True)
class Measured:
    """Probabilities of sentences and notes left out, and what follows from them."""

    labelled: Sequence[Labelled]
    probabilities: np.ndarray
    plain: Sequence[Plain]
    plain_probabilities: np.ndarray
    n_notes: int

    def at(self, family: str, least: float) -> dict[str, float]:
        """How ``family`` does from ``least`` on, where no other is likelier: ``precision`` (the sentence is of some
        family), ``own_precision`` (of this one), ``recall``, and notes with a false alarm in 1,000."""
        column = FAMILIES.index(family)
        belongs = np.array([family in row.families for row in self.labelled])
        is_claim = np.array([bool(row.families) for row in self.labelled])
        said = (self.probabilities.argmax(axis=1) == column) & (self.probabilities[:, column] >= least)
        n_said = max(1, int(said.sum()))
        return {
            "precision": int((said & is_claim).sum()) / n_said,
            "own_precision": int((said & belongs).sum()) / n_said,
            "recall": int((said & belongs).sum()) / max(1, int(belongs.sum())),
            "alarms_per_1000_notes": 1000 * len(self.find_alarms({family: least})) / self.n_notes,
        }

    def find_alarms(self, least: dict[str, float]) -> set[int]:
        """The notes with a sentence in which a family of ``least`` would speak, and no rule of it did."""
        thresholds = np.array([least.get(family, 2.0) for family in FAMILIES])
        top = self.plain_probabilities.argmax(axis=1)
        (loud,) = (self.plain_probabilities.max(axis=1) >= thresholds[top]).nonzero()
        return {self.plain[at].note for at in loud.tolist() if FAMILIES[top[at]] not in self.plain[at].found}

    def find_least(self, family: str, *, lowest: float, precision: float, own_precision: float, alarms: float) -> float:
        """The least probability from ``lowest`` on with at least such precisions and at most so many alarms."""
        for least in np.arange(lowest, 0.99, 0.01).round(2).tolist():
            found = self.at(family, least)
            if (
                found["precision"] >= precision
                and found["own_precision"] >= own_precision
                and found["alarms_per_1000_notes"] <= alarms
            ):
                return float(least)
        return 0.99

    def reliability(self) -> Iterator[tuple[float, float, int]]:
        """By tenth of the probability: its mean, the share that belongs to the family, and how many."""
        belongs = np.array([[family in row.families for family in FAMILIES] for row in self.labelled])
        tenth = np.minimum((self.probabilities * 10).astype(int), 9)
        for at in range(10):
            here = tenth == at
            if here.any():
                yield float(self.probabilities[here].mean()), float(belongs[here].mean()), int(here.sum())


def calibrate(scores: np.ndarray, labelled: Sequence[Labelled]) -> list[tuple[float, float]]:
    """By family, slope and offset of the log-odds over the score."""
    made = []
    for at, family in enumerate(FAMILIES):
        model = LogisticRegression(C=1e3).fit(scores[:, [at]], [family in row.families for row in labelled])
        made.append((round(float(model.coef_[0][0]), 3), round(float(model.intercept_[0]), 3)))
    return made


def to_probabilities(scores: np.ndarray, calibration: Sequence[tuple[float, float]]) -> np.ndarray:
    slopes, offsets = np.array(calibration).T
    return 1 / (1 + np.exp(-np.clip(slopes * scores + offsets, -30, 30)))


def set_thresholds(path: Path, thresholds: dict[str, float]) -> None:
    """Put the probabilities into the rules of ``path``."""
    text = path.read_text(encoding="utf-8")
    for family, likely in thresholds.items():
        text, n = re.subn(
            rf'(family = "{family}"\n(?:(?!\[\[rule\]\]).*\n)*?options = ){{[^}}]*}}',
            rf"\g<1>{{ likely = {likely} }}",
            text,
        )
        if n != 1:
            raise SystemExit(f"{path}: {n} rules of the family {family} with options")
    path.write_text(text, encoding="utf-8", newline="\n")


def measure(measured: Measured, arguments: argparse.Namespace) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Figures and thresholds by family, printed as a table, too."""
    figures: dict[str, dict[str, float]] = {}
    thresholds: dict[str, float] = {}
    for at, family in enumerate(FAMILIES):
        belongs = [family in row.families for row in measured.labelled]
        thresholds[family] = measured.find_least(
            family,
            lowest=arguments.lowest,
            precision=arguments.precision,
            own_precision=arguments.own_precision,
            alarms=arguments.alarms,
        )
        one = {
            "sentences": sum(belongs),
            "average_precision": float(average_precision_score(belongs, measured.probabilities[:, at])),
            "likely": thresholds[family],
            **measured.at(family, thresholds[family]),
        }
        figures[family] = {key: round(value, 3) for key, value in one.items()}
    print("\n| family | " + " | ".join(figures[FAMILIES[0]]) + " |\n|---|" + "---:|" * len(figures[FAMILIES[0]]))
    for family, values in figures.items():
        print(f"| {family} | " + " | ".join(f"{value:.3g}" for value in values.values()) + " |")
    claims = np.array([bool(row.families) for row in measured.labelled])
    top = measured.probabilities.argmax(axis=1)
    said = measured.probabilities.max(axis=1) >= np.array([thresholds[family] for family in FAMILIES])[top]
    own = np.array([FAMILIES[at] in row.families for at, row in zip(top, measured.labelled, strict=True)])
    n_said = max(1, said.sum())
    print(
        f"all: precision {(said & claims).sum() / n_said:.3f}, of its own family {(said & own).sum() / n_said:.3f},"
        f" recall {(said & own).sum() / claims.sum():.3f},"
        f" {1000 * len(measured.find_alarms(thresholds)) / measured.n_notes:.1f} notes with an alarm in 1,000"
    )
    print("\n| probability | mean | belongs | pairs of sentence and family |\n|---|---:|---:|---:|")
    for mean, share, n in measured.reliability():
        print(f"| {int(10 * mean) / 10:.1f} to {int(10 * mean) / 10 + 0.1:.1f} | {mean:.2f} | {share:.2f} | {n} |")
    return figures, thresholds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--notes", nargs="+", type=Path, required=True)
    parser.add_argument("--sentences", nargs="+", type=Path, default=[ROOT / "tests" / "review" / "labelled.jsonl"])
    parser.add_argument("--judges", nargs="+", help="the parts that judge (default: that of the last sentence)")
    parser.add_argument("--into", type=Path, default=ROOT / "templates" / FOLDER / FILE_NAME)
    parser.add_argument("--rules", type=Path, default=RULES, help="the rule file whose thresholds are set")
    parser.add_argument("--on", type=date.fromisoformat, default=date.today())
    parser.add_argument("--grams", type=int, default=2000, help="n-grams kept for each family")
    parser.add_argument("--strength", type=float, default=300.0, help="inverse of the L2 penalty")
    parser.add_argument("--lowest", type=float, default=0.6, help="no rule speaks below this probability")
    parser.add_argument("--precision", type=float, default=0.9)
    parser.add_argument("--own-precision", type=float, default=0.8)
    parser.add_argument("--alarms", type=float, default=3.0, help="notes in 1,000, for each family")
    arguments = parser.parse_args()
    rules = load_rules()
    rules = replace(rules, rules=tuple(rule for rule in rules.rules if rule.check != "claims"))
    table = ClaimTable(rules.sounds)
    fold = partial(fold_claim, table=table)
    labelled = read_labelled(
        arguments.sentences, fold, lambda text: [one.folded for one in cut_sentences(text, table)] or [""]
    )
    examples = read_examples(rules, fold)
    notes = list(read_notes(arguments.notes))
    plain = read_plain(notes, rules, table)
    print(f"{len(labelled)} labelled sentences, {len(examples)} examples, {len(plain)} sentences of {len(notes)} notes")

    fit_some = partial(fit, strength=arguments.strength, n_grams=arguments.grams)
    scores, plain_scores = cross_validate(labelled, examples, plain, fit_some)
    parts = arguments.judges or [labelled[-1].part]
    judging = np.array([row.part in parts for row in labelled])
    if not judging.any():
        parser.error(f"no sentence is of the parts {', '.join(parts)}")
    judges = [row for row, is_one in zip(labelled, judging, strict=True) if is_one]
    print(f"judged by {len(judges)} sentences of the parts {', '.join(parts)}")
    calibration = calibrate(scores[judging], judges)
    measured = Measured(
        judges,
        to_probabilities(scores[judging], calibration),
        plain,
        to_probabilities(plain_scores, calibration),
        len(notes),
    )
    figures, thresholds = measure(measured, arguments)

    model = fit_some([*labelled, *examples], plain)
    weights = ClaimWeights(
        about="weights (tenths) of characters and pairs in sentences that rules are about, by family;"
        " fitted by benchmarks/fit_claims.py, figures cross-validated",
        fitted_on=arguments.on.isoformat(),
        counts={
            "sentences": len(labelled),
            "judging_sentences": len(judges),
            "examples": len(examples),
            "notes": len(notes),
        },
        families={
            family: FamilyWeights(
                figures=figures[family],
                bias=float(model.bias[at]),
                slope=calibration[at][0],
                offset=calibration[at][1],
                grams={
                    gram: round(SCALE * float(weight))
                    for gram, weight in zip(model.vectors.grams, model.weights[:, at], strict=True)
                    if weight
                },
            )
            for at, family in enumerate(FAMILIES)
        },
    )
    save_weights(weights, arguments.into)
    set_thresholds(arguments.rules, thresholds)
    print(f"\n{arguments.into}: {arguments.into.stat().st_size} bytes, {len(model.vectors.grams)} n-grams")


if __name__ == "__main__":
    main()
