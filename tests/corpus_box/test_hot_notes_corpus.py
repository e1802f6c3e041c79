"""The notes in the box: what its README promises, and that not a line of them is somebody else's."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from creator_kit.paths import find_shipped_dir
from creator_kit.review import PostText, check_post, load_rules
from creator_kit.text.length import TAGS_LIMIT, TITLE_LIMIT, count_body_characters, count_title_units

FIELDS = [
    "note_id",
    "author",
    "title",
    "body",
    "tags",
    "type",
    "likes",
    "collects",
    "comments",
    "shares",
    "published_at",
    "source",
    "keyword",
    "extra",
]
COUNTS = ("likes", "collects", "comments", "shares")
# A run this long that stands in a real note too would be that note's wording, not ours.
BORROWED_RUN = 14
PATTERNS = [
    r"^挑战\d+天",
    r"^[^｜]{1,6}必看｜",
    r"避坑指南｜",
    r"^谁懂啊！",
    r"^后悔没早点",
    r"^\d+个",
    r"^从.+到.+，",
    r"^原来.+才是",
    r"^听劝！",
    r"^不允许还有人不知道",
    r"^一人食｜",
    r"^1\d\dcm穿搭｜",
    r"（附清单）$",
    r"^保姆级",
    r"^(?:泉州|黄山|景德镇|哈尔滨|青岛|平潭|绍兴|大理|北京|上海|重庆)｜",
]

Record = dict[str, Any]


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return (find_shipped_dir("hot_notes_corpus") / "notes.jsonl").read_text(encoding="utf-8").split("\n")[:-1]


@pytest.fixture(scope="module")
def notes(lines: list[str]) -> list[Record]:
    return [json.loads(line) for line in lines]


def group(notes: list[Record], field: str) -> dict[str, list[Record]]:
    groups = defaultdict(list)
    for note in notes:
        groups[note[field]].append(note)
    return groups


def runs(text: str, length: int) -> Iterator[str]:
    return (text[i : i + length] for i in range(len(text) - length + 1))


def test_records_have_the_documented_form(lines: list[str], notes: list[Record]) -> None:
    for line, note in zip(lines, notes, strict=True):
        assert list(note) == FIELDS
        assert line == json.dumps(note, ensure_ascii=False)
        assert re.fullmatch("[0-9a-f]{16}", note["note_id"])
        assert re.fullmatch("[0-9a-f]{16}", note["author"])
        assert note["type"] in ("图文", "视频")
        assert note["source"] == "hot_notes_corpus"
        assert all(type(note[name]) is int and note[name] >= 0 for name in COUNTS)
        assert note["likes"] > 0
        published_at = datetime.fromisoformat(note["published_at"])
        assert published_at.utcoffset() == timedelta(hours=8)
        assert "2025-03-01" <= note["published_at"][:10] < note["extra"]["observed_at"] == "2026-11-01"
        assert note["extra"]["author_followers"] > 0
    ids = [note["note_id"] for note in notes]
    assert ids == sorted(set(ids))


def test_enough_notes_over_enough_kinds_of_life(notes: list[Record]) -> None:
    assert len(notes) >= 360
    assert len(group(notes, "author")) >= 60
    kinds = group(notes, "keyword")
    assert len(kinds) >= 10
    for kind, own in kinds.items():
        assert len(own) >= 30, kind
        assert len({note["author"] for note in own}) >= 6, kind
    assert {note["type"] for note in notes} == {"图文", "视频"}


def test_texts_keep_the_platforms_limits(notes: list[Record]) -> None:
    for note in notes:
        assert 0 < count_title_units(note["title"]) <= TITLE_LIMIT, note["title"]
        assert 60 <= count_body_characters(note["body"]) <= 500, note["title"]
        assert 3 <= len(note["tags"]) <= TAGS_LIMIT, note["title"]
        assert len(set(note["tags"])) == len(note["tags"]), note["title"]
        assert not any(re.search(r"[#\s]", tag) for tag in note["tags"]), note["title"]
        assert "#" not in note["body"] and "[话题]" not in note["body"], note["title"]
        assert note["body"] == note["body"].strip(), note["title"]


def test_no_title_or_sentence_twice(notes: list[Record]) -> None:
    assert len({note["title"] for note in notes}) == len(notes)
    sentences: Counter[str] = Counter()
    for note in notes:
        sentences.update({s for part in re.split(r"[。！？；\n]", note["body"]) if len(s := part.strip()) >= 5})
    assert [sentence for sentence, n in sentences.items() if n > 1] == []


def test_no_two_bodies_are_near_duplicates(notes: list[Record]) -> None:
    # A pair that shares one run of ten is already suspect; near-duplicates share dozens.
    owners: dict[str, int] = {}
    shared = set()
    for number, note in enumerate(notes):
        for run in set(runs(re.sub(r"\s", "", note["body"]), 10)):
            if run in owners:
                shared.add((notes[owners[run]]["title"], note["title"], run))
            owners[run] = number
    assert shared == set()


def test_every_author_has_hits_and_ordinary_notes(notes: list[Record]) -> None:
    for author, own in group(notes, "author").items():
        assert len(own) >= 4, author
        likes = sorted(note["likes"] for note in own)
        assert likes[-1] >= 260 and likes[-1] >= 10 * likes[0], author
        assert any(note["likes"] * 3 <= likes[-1] for note in own), author
        assert len({note["extra"]["author_followers"] for note in own}) == 1, author


def test_likes_are_heavy_tailed_and_do_not_tell_heat_alone(notes: list[Record]) -> None:
    likes = sorted(note["likes"] for note in notes)
    assert likes[0] <= 5 and likes[-1] > 10_000
    assert sum(likes) / len(likes) > 5 * median(likes)
    own = group(notes, "author").values()
    quietest_hit = min(max(note["likes"] for note in notes_of_one) for notes_of_one in own)
    loudest_flop = max(
        sorted(note["likes"] for note in notes_of_one)[len(notes_of_one) // 2 - 1] for notes_of_one in own
    )
    assert quietest_hit < 500
    assert loudest_flop > 50


def test_patterns_are_there_over_several_authors_and_kinds_and_are_not_magic(notes: list[Record]) -> None:
    patterned = set()
    for pattern in PATTERNS:
        having = [note for note in notes if re.search(pattern, note["title"])]
        assert len(having) >= 5, pattern
        assert len({note["author"] for note in having}) >= 3, pattern
        assert len({note["keyword"] for note in having}) >= 3, pattern
        patterned |= {note["note_id"] for note in having}
    assert 0.3 <= len(patterned) / len(notes) <= 0.4
    assert any(note["likes"] < 50 for note in notes if note["note_id"] in patterned)
    assert any(note["likes"] > 1000 for note in notes if note["note_id"] not in patterned)


def test_scenario_tags_recur_over_authors(notes: list[Record]) -> None:
    authors = defaultdict(set)
    for note in notes:
        for tag in note["tags"]:
            authors[tag].add(note["author"])
    for tag in ("一人食", "155cm穿搭", "银器清洗"):
        assert len(authors[tag]) >= 3, tag
    assert sum(len(known) >= 3 for known in authors.values()) >= 50


def test_no_wording_of_real_notes(notes: list[Record], shared: Path) -> None:
    ours = {
        run: note["title"]
        for note in notes
        for text in (note["title"], note["body"])
        for run in runs(text, BORROWED_RUN)
    }
    borrowed = set()
    for path in sorted((shared / "corpora").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if not line:
                continue
            real = json.loads(line)
            for text in (real.get("title") or "", real.get("body") or ""):
                borrowed |= {(path.name, run, ours[run]) for run in runs(text, BORROWED_RUN) if run in ours}
    assert borrowed == set()


def test_notes_are_clean_under_the_shipped_rules(notes: list[Record]) -> None:
    rules = load_rules()
    findings = [
        (note["title"], finding.rule_id, finding.matched)
        for note in notes
        for finding in check_post(PostText(title=note["title"], body=note["body"], tags=tuple(note["tags"])), rules)
        if finding.severity in ("block", "warn")
    ]
    assert findings == []


def test_readme_documents_every_field_and_says_that_the_numbers_are_invented(notes: list[Record]) -> None:
    readme = (find_shipped_dir("hot_notes_corpus") / "README.md").read_text(encoding="utf-8")
    names = [name for name in FIELDS if name != "extra"] + ["extra.observed_at", "extra.author_followers"]
    assert [name for name in names if f"| `{name}` |" not in readme] == []
    assert f"{len(notes)} " in readme
    assert "invented" in readme and "illustrative" in readme and "编的" in readme and "Apache-2.0" in readme
