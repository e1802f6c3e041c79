"""What stands in a known note is found, wherever it was taken from; what is common or the template's is not counted."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.fingerprints import GRAM, SEAM, WINDOW, Postings, TextFolder, hash_grams, winnow
from creator_kit.review.folding import fold
from creator_kit.review.originality import RUN, KnownTexts, know_posts

HAN = "的一是了我不在人有这他们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"


def write(rng: random.Random, n: int) -> str:
    return "".join(rng.choice(HAN) for _ in range(n))


RNG = random.Random(7)
NOTES = [(f"n{at}", write(RNG, 16), write(RNG, 120)) for at in range(300)]
KNOWN = KnownTexts.of(NOTES)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 299), st.integers(0, 106), st.integers(RUN, 30), st.integers(0, 2**32))
def test_any_run_of_fourteen_characters_is_found(at: int, start: int, length: int, seed: int) -> None:
    rng = random.Random(seed)
    run = NOTES[at][2][start : start + length]
    if len(run) < RUN:
        run = NOTES[at][2][-RUN:]
    body = write(rng, 60) + "。" + run[:5] + "❤️ " + run[5:] + "\n" + write(rng, 60)
    overlap = KNOWN.find_body(body)
    assert overlap is not None and overlap.known_id == f"n{at}"
    assert fold(run, KNOWN._table) in fold(body[overlap.start : overlap.end], KNOWN._table)
    assert overlap.share_rate == pytest.approx(len(run) / (120 + len(run)), abs=0.03)


def test_fresh_bodies_and_titles_are_not() -> None:
    rng = random.Random(11)
    for _ in range(100):
        assert KNOWN.find_body(write(rng, 200)) is None
        assert KNOWN.find_title(write(rng, 16)) is None


def test_the_frame_of_a_body_is_left_out() -> None:
    frame = "先说结论再说过程最后说说值不值得"
    known = KnownTexts.of([("a", "", frame + write(random.Random(1), 80))])
    body = frame + write(random.Random(2), 80)
    assert known.find_body(body) is not None
    assert known.find_body(body, (frame,)) is None
    rules = load_rules()
    with_frame = PostText("", body, body_frame=(frame,))
    assert {f.family for f in check_post(PostText("", body), rules, known=known)} >= {"originality"}
    assert "originality" not in {f.family for f in check_post(with_frame, rules, known=known)}


def test_words_of_a_trade_are_nobodys_sentence() -> None:
    known = KnownTexts.of([("a", "", "先问项目，再问ConcurrentHashMap和ThreadLocal的原理，最后写一道题")])
    assert known.find_body("今天被问到ConcurrentHashMap，还有synchronized、volatile三样，都答上来了") is None
    assert known.find_body("复习清单：ConcurrentHashMap和ThreadLocal的原理，共两页") is None
    english = "put the pan on a low heat and wait until the butter begins to foam a little before the eggs go in"
    known = KnownTexts.of([("a", "", "早餐。" + english)])
    overlap = known.find_body("我的做法：" + english)
    assert overlap is not None and overlap.share_rate == pytest.approx(22 / 26)


def test_a_name_is_repeated_only_where_it_is_the_same() -> None:
    known = KnownTexts.of([("a", "番茄牛腩做法", ""), ("b", "番茄牛腩炖到这个程度才算真的入味", "")])
    assert known.find_title("番茄牛腩的做法") is None
    assert known.find_title("番茄牛腩做法") is not None
    assert known.find_title("番茄牛腩炖到这个程度才算是入味") is not None


def test_a_batch_is_held_against_itself() -> None:
    rng = random.Random(3)
    posts = [PostText(write(rng, 15), write(rng, 100), name=f"d{at}") for at in range(6)]
    posts.append(PostText(posts[2].title[:-1] + "呀", write(rng, 30) + posts[4].body[10:60], name="d6"))
    known = know_posts(posts)
    found = {
        (post.name, overlap.known_id)
        for at, post in enumerate(posts)
        for overlap in (known.others(at).find_title(post.title), known.others(at).find_body(post.body))
        if overlap is not None
    }
    assert found == {("d2", "d6"), ("d6", "d2"), ("d4", "d6"), ("d6", "d4")}
    assert known.find_body(posts[0].body) is not None  # without others() a draft finds itself


TEXTS = st.lists(st.text(alphabet=st.sampled_from("甲乙丙Ⅱ㎡，a1😀" + SEAM) | st.characters(), max_size=40), max_size=6)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_texts_folded_together_are_folded_as_one_by_one(texts: list[str]) -> None:
    folder = TextFolder()
    points = folder.fold_all(texts)
    joined = "".join(map(chr, points.tolist()))
    assert joined == "".join(folder.fold(text.replace(SEAM, "")) + SEAM for text in texts)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="甲乙丙丁", max_size=60), max_size=5))
def test_winnowing_keeps_the_smallest_of_each_window(texts: list[str]) -> None:
    folder = TextFolder()
    hashes, places, owners = winnow(folder.fold_all(texts))
    assert (np.diff(places) > 0).all()
    for at, text in enumerate(texts):
        own = hash_grams(np.array([ord(char) for char in text], dtype=np.uint32), GRAM).tolist()
        kept = set(hashes[owners == at].tolist())
        windows = [own[start : start + WINDOW] for start in range(max(1, len(own) - WINDOW + 1))] if own else []
        assert kept == {min(window) for window in windows}


def test_postings_leave_out_what_everybody_says() -> None:
    postings = Postings()
    postings.add(np.array([5 << 32, 9 << 32, 9 << 32], dtype=np.uint64), np.array([0, 0, 1]))
    postings.add(np.array([9 << 32], dtype=np.uint64), np.array([2]))
    postings.finish()
    wanted = np.array([9 << 32, 5 << 32, 7 << 32], dtype=np.uint64)
    assert postings.find(wanted, at_most=3).tolist() == [0, 0, 1, 2]
    assert postings.find(wanted, at_most=2).tolist() == [0]
