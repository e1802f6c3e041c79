"""Fit the shipped fluency weights (templates/drafting/fluency.toml) from real notes.

    python benchmarks/fit_fluency.py NOTES.jsonl... [--rounds 6] [--into FILE]

Real titles of one half of the authors against what drafting makes of the same notes' facts. Each round drafts
with the weights of the round before, so that what they overdo is seen and dampened. Only n-grams that several
authors in more than one collection use are kept; no title or sentence can be read from the file.
"""

from __future__ import annotations

import argparse
import random
from datetime import date
from pathlib import Path

from note_briefs import RealTitle, read_notes, typical_author

from creator_kit.drafting import Drafter, DraftOptions
from creator_kit.drafting.fluency import Fluency, FluencyFile, fit_fluency, save_fluency
from creator_kit.mining import load_library
from creator_kit.persona import Persona
from creator_kit.persona.voice import measure_marks

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 24)


def draft_titles(notes: list[RealTitle], persona: Persona, fluency: Fluency, seed: int) -> list[tuple[str, str, str]]:
    drafter = Drafter(persona, load_library(), options=DraftOptions(n_titles=5, seed=seed))
    drafter.__dict__["fluency"] = fluency
    return [
        (item.title, note.author, note.collection)
        for note in notes
        for item in drafter.draft(note.brief, today=TODAY).titles
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("notes", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--into", type=Path, default=ROOT / "templates" / "drafting" / "fluency.toml")
    arguments = parser.parse_args()
    notes = [note for note in read_notes(arguments.notes) if not note.is_held_out]
    random.Random(0).shuffle(notes)
    real = [(note.title, note.author, note.collection) for note in notes]
    rates = measure_marks([title for title, _author, _collection in real])
    persona = typical_author(title for title, _author, _collection in real)
    fluency, candidates = Fluency({}, 0.0, rates), []
    for round_number in range(arguments.rounds):
        drafted = draft_titles(notes, persona, fluency, round_number)
        candidates += drafted
        weights, bias = fit_fluency(real, candidates)
        fluency = Fluency(weights, bias, rates)
        print(f"round {round_number + 1}: {len(drafted)} candidates, {len(weights)} weights", flush=True)
    file = FluencyFile(
        about="log-odds of character n-grams in real titles against drafted ones; half of the authors",
        n_titles=len(real),
        n_authors=len({author for _title, author, _collection in real}),
        bias=fluency.bias,
        mark_rates=rates,
        weights=dict(fluency.weights),
    )
    save_fluency(file, arguments.into)


if __name__ == "__main__":
    main()
