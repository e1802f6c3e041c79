"""Briefs built from real notes, so that drafted and real titles can be compared on the same facts.

A brief holds what its author would have jotted down before writing: the subject as the title names it, as far as
body or hashtags say the same words; sentences of the body as points; figures and prices of the body. Nothing else
of the real title gets in. Authors are halved by a hash: the shipped statistics (fluency) are fitted on the odd
half (``fit_fluency.py``), distances are measured on the even one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from creator_kit.corpus import Note
from creator_kit.drafting import Brief
from creator_kit.persona import Persona, load_persona, measure_voice
from creator_kit.text.length import TITLE_LIMIT, count_title_units
from creator_kit.text.segment import Token, segment
from creator_kit.text.slots import find_typed

MAX_TOPIC_CHARACTERS = 12
MAX_SCENARIO_CHARACTERS = 6
MAX_POINT_CHARACTERS = 40
MAX_POINTS = 8
_HASHTAG = re.compile(r"#[^#\s]+(?:\[话题\]#)?")
_STICKER = re.compile(r"\[[\u4e00-\u9fff]{1,6}R?\]")
_MARK = re.compile(
    r"^(?:[0-9]+\s?[.、)）]|[①-⑩]|[0-9]\ufe0f?\u20e3|[-•·✅❌📍🔹💡▪️\s\u2600-\u27bf\U0001f300-\U0001faff])+"
)
_SENTENCE = re.compile(r"[^\n\t。！!？?；;]+[！!？?]?")
_UNFIT = re.compile(r"@|https?:|[（(][^）)]*$|^[^（(]*[）)]|[：:]$|^[“\"]|[“\"][^”\"]*$|\[|\]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
# What a subject consists of: names, nouns, verbs and qualities; 的 and blanks between them.
_IN_TOPIC = tuple("njlistbmvqaf")


@dataclass(frozen=True)
class RealTitle:
    title: str
    brief: Brief
    author: str
    collection: str

    @property
    def is_held_out(self) -> bool:
        return blake2b(self.author.encode(), digest_size=2).digest()[0] % 2 == 1


def read_notes(paths: Iterable[Path]) -> Iterator[RealTitle]:
    """Notes with a title within the limit, a subject and at least two sentences that could be points."""
    for path in paths:
        for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n"):
            note = json.loads(line)
            title = (note.get("title") or "").strip()
            if len(title) < 4 or count_title_units(title) > TITLE_LIMIT or "[" in title:
                continue
            brief = _brief(note, title)
            if brief is not None:
                yield RealTitle(title, brief, note.get("author") or note["note_id"], path.stem)


def typical_author(titles: Iterable[str]) -> Persona:
    """The blank pack in the register that most notes have, with the habits that ``titles`` show."""
    blank = load_persona("blank")
    learned = measure_voice(Note(note_id=str(number), title=title) for number, title in enumerate(titles))
    lively = blank.voice.model_copy(update={"register_": "lively"})
    return replace(blank, voice=lively, learned=learned)


def _brief(note: dict[str, Any], title: str) -> Brief | None:
    body = _STICKER.sub("", _HASHTAG.sub("\n", note.get("body") or ""))
    tags = tuple(note.get("tags") or ())
    subjects = find_subjects(title, "\n".join((body, *tags)).lower())
    topic = subjects[0] if subjects else ""
    sentences = (_MARK.sub("", piece).strip() for piece in _SENTENCE.findall(body))
    points = [
        piece
        for piece in dict.fromkeys(sentences)
        if 4 <= len(piece) <= MAX_POINT_CHARACTERS
        and piece != title
        and _HAN.search(piece)
        and not _UNFIT.search(piece)
    ]
    if len(topic) < 3 or len(points) < 2:
        return None
    typed: dict[str, list[str]] = {}
    for start, end, kind in find_typed(body):
        group = typed.setdefault("price" if kind == "price" else "number", [])
        if kind in ("price", "duration", "size", "age") and len(group) < 2:
            group.append(body[start:end])
    # A second subject of the title is the situation that the note is written for: 面经, 一轮复习.
    scenario = next((text for text in subjects[1:] if len(text) <= MAX_SCENARIO_CHARACTERS), "")
    return Brief(
        topic,
        scenario=scenario,
        points=tuple(points[:MAX_POINTS]),
        numbers=tuple(dict.fromkeys(typed.get("number", ()))),
        prices=tuple(dict.fromkeys(typed.get("price", ()))),
    )


def find_subjects(title: str, said: str) -> list[str]:
    """Runs of words of the title that ``said`` (body and hashtags, lower case) holds too, the longest first."""
    found = []
    for run in _runs(segment(title), said):
        spans = [run[first : last + 1] for first in range(len(run)) for last in range(first, len(run))]
        texts = [
            "".join(word.text for word in words)
            for words in spans
            if not {words[0].text, words[-1].text} & {"的", " ", "-"}
        ]
        texts = [
            text for text in texts if 2 <= len(text) <= MAX_TOPIC_CHARACTERS and text != title and _HAN.search(text)
        ]
        if texts:
            # The head of a Chinese name is its end: of equals the last.
            found.append(max(enumerate(texts), key=lambda item: (len(item[1]), item[0]))[1])
    return sorted(found, key=len, reverse=True)


def _runs(words: Iterable[Token], said: str) -> Iterator[list[Token]]:
    run: list[Token] = []
    for word in words:
        is_content = word.kind in ("latin", "number") or (word.kind == "word" and word.pos.startswith(_IN_TOPIC))
        if (is_content and word.text.lower() in said) or (run and word.text in ("的", " ", "-")):
            run.append(word)
        elif run:
            yield run
            run = []
    if run:
        yield run
