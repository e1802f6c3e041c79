"""How notes use topics: how many, which mix of broad and narrow, where they stand; over a whole table of notes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from creator_kit.mining.lift import Ints
from creator_kit.mining.note_table import Codes, NoteTable
from creator_kit.mining.tagging import PLACES, TAG_CLASSES, TagCounts, classify_tag, name_tag_habits

# More topics than this a note count as this many.
_MOST = 12


@dataclass(frozen=True)
class TopicRead:
    """``n_topics`` of each note, the share of uses a class has, and each note's ``code`` with the codes of a habit."""

    n_topics: Codes
    share_of_class: dict[str, float]
    code: Ints
    holders: dict[str, list[int]]
    n_codes: int


def read_topics(table: NoteTable) -> TopicRead:
    """The habits of topics; none where no note has any (an export that drops them says nothing about writing none)."""
    topics, n = table.topics, table.n_notes
    pairs = np.unique(topics.topic.astype(np.int64) * (n + 1) + table.comparison.author[topics.note])
    n_users = np.bincount(pairs // (n + 1), minlength=len(topics.names))
    n_authors = len(np.unique(table.comparison.author[topics.note]))
    counts = TagCounts(n_authors, dict(zip(topics.names, n_users.tolist(), strict=True)))
    classes = [TAG_CLASSES.index(classify_tag(name, counts)) for name in topics.names]
    class_of_use = np.array(classes, np.int8)[topics.topic] if classes else np.zeros(0, np.int8)
    n_topics = np.bincount(topics.note, minlength=n).astype(np.int32)
    n_of = [np.bincount(topics.note[class_of_use == k], minlength=n) for k in range(len(TAG_CLASSES))]
    share: dict[str, float] = {
        name: round(int(n_of[k].sum()) / max(len(topics.topic), 1), 4) for k, name in enumerate(TAG_CLASSES)
    }
    if not len(topics.topic):
        return TopicRead(n_topics, {}, np.full(n, -1), {}, 0)
    # What a habit is made of, as one number a note; of broad topics only: none, all, or some.
    number = np.minimum(n_topics, _MOST).astype(np.int64)
    broad = np.where(n_of[TAG_CLASSES.index("broad")] == 0, 0, np.where(n_of[0] == n_topics, 2, 1))
    scenario = (n_of[TAG_CLASSES.index("scenario")] > 0).astype(np.int64)
    mixed = ((number * 3 + broad) * 2 + scenario) * len(PLACES) + table.place
    values, code = np.unique(mixed, return_inverse=True)
    holders = defaultdict[str, list[int]](list)
    for place, value in enumerate(values.tolist()):
        rest, where = divmod(value, len(PLACES))
        rest, has_scenario = divmod(rest, 2)
        n_all, some = divmod(rest, 3)
        for name in name_tag_habits(n_all, (0, min(1, n_all - 1), n_all)[some], has_scenario, PLACES[where]):
            holders[name].append(place)
    return TopicRead(n_topics, share, code.astype(np.int64), dict(holders), len(values))
