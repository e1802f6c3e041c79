"""What hearing goes by and an earlier run kept hears what is freshly gathered; where it is damaged it is made again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.kept import keep
from creator_kit.review import hearing as hearing_module
from creator_kit.review import load_rules
from creator_kit.review.folding import FoldTable
from creator_kit.review.hearing import Hearing, hear_rules
from creator_kit.review.respelling import Respeller
from creator_kit.review.term_finder import TermFinder

RULES = load_rules()
_SAID = [text for rule in RULES.rules for text in (*rule.must, *rule.must_not)]
_DISGUISED = ["减fei", "zhi疗", "根制", "鲍录取", "加薇芯", "jia微", "国家\n级", "十天瘦时斤", "保证录曲"]


def load_hearing() -> Hearing:
    return hear_rules(RULES.rules, RULES.spoken, RULES.sounds, FoldTable("light", RULES.sounds))


def listen(hearing: Hearing) -> Respeller:
    return Respeller(lambda: hearing)


def _gathers_nothing(*_args: object) -> object:
    raise AssertionError("gathered again")


@pytest.fixture(scope="module")
def hearings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Hearing, Hearing]:
    """One that was gathered from the rules and one that was found kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREATOR_KIT_CACHE", str(tmp_path_factory.mktemp("cache")))
        fresh = load_hearing()
        patch.setattr(hearing_module, "collect_vocabulary", _gathers_nothing)
        return fresh, load_hearing()


def test_what_is_kept_is_what_was_gathered(hearings: tuple[Hearing, Hearing]) -> None:
    fresh, kept = hearings
    assert kept.sieve.suspicious == fresh.sieve.suspicious
    ours, theirs = kept.lexicon, fresh.lexicon
    for name in ("terms", "letters", "joints", "parts", "pairs", "rules"):
        assert getattr(ours._known, name) == getattr(theirs._known, name), name
    for name in ("_short", "_long", "_twos", "_threes"):
        assert getattr(ours, name).row == getattr(theirs, name).row, name
    assert (ours._after, ours._before) == (theirs._after, theirs._before)
    assert [each.pattern for each in ours._known.expressions] == [each.pattern for each in theirs._known.expressions]


def test_examples_are_heard_alike(hearings: tuple[Hearing, Hearing]) -> None:
    fresh, kept = map(listen, hearings)
    texts = [*_SAID[::3], *_DISGUISED]
    heard = [fresh.respell(text) for text in texts]
    assert [kept.respell(text) for text in texts] == heard
    assert any(heard[-len(_DISGUISED) :])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(_SAID + _DISGUISED) | st.sampled_from(["\n", "❤️", "薇", "\ud83d"]), max_size=4))
def test_texts_are_heard_alike(hearings: tuple[Hearing, Hearing], pieces: list[str]) -> None:
    fresh, kept = map(listen, hearings)
    assert kept.respell("".join(pieces)) == fresh.respell("".join(pieces))


def test_what_is_damaged_is_gathered_again(
    hearings: tuple[Hearing, Hearing], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREATOR_KIT_CACHE", str(tmp_path))
    key = hearing_module._name_key(RULES.rules, RULES.spoken, RULES.sounds)
    assert key is not None
    for content in (b"", b"\x90", b"no such thing"):
        keep("review-sounds", key, content)
        assert load_hearing().sieve.suspicious == hearings[0].sieve.suspicious
    (path,) = tmp_path.glob("review-sounds-*.bin")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])  # cut off
    assert load_hearing().sieve.suspicious == hearings[0].sieve.suspicious
    assert path.read_bytes() == whole


def test_other_rules_or_words_have_another_key() -> None:
    key = hearing_module._name_key(RULES.rules, RULES.spoken, RULES.sounds)
    assert key == hearing_module._name_key(list(RULES.rules), tuple(RULES.spoken), dict(RULES.sounds))
    assert key != hearing_module._name_key(RULES.rules[1:], RULES.spoken, RULES.sounds)
    assert key != hearing_module._name_key(RULES.rules, (*RULES.spoken, "甲乙"), RULES.sounds)
    assert key != hearing_module._name_key(RULES.rules, RULES.spoken, {**RULES.sounds, "甲": "乙"})


@given(
    st.lists(st.text("ab微信", min_size=1, max_size=4), min_size=1, max_size=9, unique=True),
    st.text("ab微信\ud83d", max_size=20),
)
def test_terms_are_found_with_and_without_an_automaton(terms: list[str], text: str) -> None:
    few, many = (TermFinder(dict.fromkeys(terms)) for _n in range(2))
    many.find("c" * 60_000)
    assert sorted(few.find(text)) == sorted(many.find(text))
