"""Sentences that read like a claim: scores, thresholds, silence where a rule spoke, the weights' file."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from review_score import LABELLED, ROOT

from creator_kit.errors import AssetError, InputError
from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.claim_weights import (
    MAX_GRAM,
    MAX_LENGTH,
    MIN_LENGTH,
    ClaimModel,
    ClaimTable,
    ClaimWeights,
    FamilyWeights,
    cut_marked,
    cut_sentences,
    find_weights,
    load_weights,
    save_weights,
)
from creator_kit.review.claims import ClaimReader
from creator_kit.review.rule import Rule
from creator_kit.review.rules import RuleSet

RULES = load_rules()
CLAIM_RULES = tuple(rule for rule in RULES.rules if rule.check == "claims")
READER = RULES.claim_reader

WEIGHTS = ClaimWeights(
    about="made for tests",
    fitted_on="2026-11-24",
    counts={},
    families={
        "medical": FamilyWeights({}, -4.0, 0.4, 0.0, {"老": 30, "老毛": 90, "毛病": 120, "没再": 100, "复查": -200}),
        "finance": FamilyWeights({}, -4.0, 1.0, 0.0, {"进账": 180, "躺": 60, "老": -10, "天天": 80}),
    },
)
RULE = {
    "severity": "warn",
    "check": "claims",
    "source": "house",
    "zh": "“{matched}”（{other}）{n}",
    "en": "{matched} ({other}) {n}",
}
MEDICAL = Rule(id="t.medical", family="medical", options={"likely": 0.8}, **RULE)
FINANCE = Rule(id="t.finance", family="finance", options={"likely": 0.8}, **RULE)
CLAIM = "多年的老毛病没再犯"


@pytest.fixture(scope="module")
def weights_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "weights.json"
    save_weights(WEIGHTS, path)
    return path


@pytest.fixture(scope="module")
def rules(weights_path: Path) -> RuleSet:
    return replace(RULES, rules=(MEDICAL, FINANCE), weights_path=weights_path)


def test_a_claim_is_underlined_by_clause_and_named_by_its_words(rules: RuleSet) -> None:
    text = f"周末随便记一下。朋友送的小灯，{CLAIM}，挺好！今天下雨。"
    (finding,) = check_post(PostText("", text), rules)
    assert (finding.rule_id, finding.family, finding.severity, finding.field) == (
        "t.medical",
        "medical",
        "warn",
        "body",
    )
    assert finding.matched == CLAIM == text[finding.start : finding.end]
    assert "老毛病、没再" in finding.message
    assert finding.fix is None
    assert rules.describe_source(MEDICAL) == finding.source


def test_title_body_and_cover_are_read_topics_are_not(rules: RuleSet) -> None:
    post = PostText(CLAIM, CLAIM, tags=(CLAIM,), cover_texts=("第一行", CLAIM))
    assert [finding.field for finding in check_post(post, rules)] == ["cover", "title", "body"]


def test_a_rule_speaks_from_its_probability_on(rules: RuleSet) -> None:
    reader = rules.claim_reader
    assert reader is not None
    ((_sentence, scores),) = reader.score(CLAIM)
    probability = scores["medical"]
    assert 0.8 < probability < 0.999
    for likely, n in ((probability - 0.001, 1), (probability + 0.001, 0)):
        rule = MEDICAL.model_copy(update={"options": {"likely": likely}})
        assert len(check_post(PostText("", CLAIM), replace(rules, rules=(rule, FINANCE)))) == n


def test_only_the_likeliest_family_speaks(rules: RuleSet) -> None:
    both = "老毛病没再犯天天躺着有进账"
    reader = rules.claim_reader
    assert reader is not None
    scores = reader.score(both)[0][1]
    low = [rule.model_copy(update={"options": {"likely": 0.01}}) for rule in (MEDICAL, FINANCE)]
    found = check_post(PostText("", both), replace(rules, rules=tuple(low)))
    assert [finding.family for finding in found] == [max(scores, key=lambda family: scores[family])]


def test_a_rule_of_words_silences_the_sentence_that_it_spoke_of(rules: RuleSet) -> None:
    words = Rule(id="t.words", family="medical", severity="advise", terms=("毛病",), source="house", zh="…", en="…")
    other = words.model_copy(update={"family": "health"})
    text = f"小毛病不少。{CLAIM}"
    assert [finding.rule_id for finding in check_post(PostText("", text), replace(rules, rules=(words, MEDICAL)))] == [
        "t.words",
        "t.words",
    ]
    first = replace(rules, rules=(words.model_copy(update={"terms": ("小毛病",)}), MEDICAL))
    assert [f.rule_id for f in check_post(PostText("", text), first)] == ["t.words", "t.medical"]
    assert len(check_post(PostText("", CLAIM), replace(rules, rules=(other, MEDICAL)))) == 2


def test_what_a_silenced_rule_would_have_said_is_not_said_in_other_words(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "rules"
    folder.mkdir(parents=True)
    text = "这是最好用的锅"
    assert check_post(PostText("", text), load_rules(tmp_path))
    (folder / "mine.toml").write_text('[adjust."absolute.most"]\nseverity = "off"\n', encoding="utf-8")
    rules = load_rules(tmp_path)
    assert check_post(PostText("", text), rules) == []
    assert rules.check_all([PostText("", text)]) == [[]]
    found = replace(RULES, rules=CLAIM_RULES, silenced=()).check(PostText("", text))
    assert [finding.rule_id for finding in found] == ["absolute.reads_like"]


def test_contexts_keep_a_rule_quiet(rules: RuleSet) -> None:
    quiet = MEDICAL.model_copy(update={"unless_near": ("别信",), "unless_post": ("利益相关",)})
    some = replace(rules, rules=(quiet,))
    assert check_post(PostText("", CLAIM), some)
    assert not check_post(PostText("", f"别信，{CLAIM}"), some)
    assert check_post(PostText("", f"别信她说的话。{CLAIM}"), some)
    assert not check_post(PostText("利益相关", CLAIM), some)


def _disguised(text: str, between: list[str]) -> str:
    return "".join(char + gap for char, gap in zip(text, between, strict=True))


_GAPS = st.lists(st.sampled_from(["", "", " ", "\u200b", "❤️", "✨", "·", "-", "，"]), min_size=9, max_size=9)


@settings(max_examples=60)
@given(_GAPS)
def test_a_disguise_does_not_change_the_score(between: list[str]) -> None:
    for text in ("需要的找我要资料", "三天脸就白了一圈", "最老的毛病没再犯"):
        assert READER is not None
        plain = [scores for _sentence, scores in READER.score(text)]
        assert [scores for _sentence, scores in READER.score(_disguised(text, [*between][: len(text)]))] == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [("頭髮長回來了很多", "头发长回来了很多"), ("加Ｖ看１２节课", "加v看12节课"), ("薇信找我拿", "微信找我拿")],
)
def test_width_and_traditional_characters_do_not_change_the_score(written: str, plain: str) -> None:
    assert READER is not None
    assert [scores for _s, scores in READER.score(written)] == [scores for _s, scores in READER.score(plain)]


_TEXT = st.lists(
    st.sampled_from(
        [*"老毛病没再复查进账躺天犯的了一2", *"。！\n，、 ;…", "㏄", "ﬁ", "➕", "\u200b", "❤️", "𠀀", "\ud800"]
    ),
    max_size=120,
).map("".join)


@given(_TEXT)
def test_both_ways_to_cut_agree_and_keep_every_character(text: str) -> None:
    table = ClaimTable(RULES.sounds)
    sentences = cut_sentences(text, table)
    assert [one.folded for one in sentences] == cut_marked(text.translate(table))
    assert all(len(one.folded) <= MAX_LENGTH + MIN_LENGTH for one in sentences)
    assert [at for one in sentences for at in one.origin] == sorted(at for one in sentences for at in one.origin)
    whole = text.translate(table).replace("\n", "").replace("\t", "")
    assert "".join(one.folded for one in sentences) == whole


@settings(max_examples=80)
@given(st.lists(_TEXT, max_size=6))
def test_together_and_one_by_one_are_the_same(weights_path: Path, texts: list[str]) -> None:
    rules = replace(RULES, rules=(MEDICAL, FINANCE), weights_path=weights_path)
    reader = rules.claim_reader
    assert reader is not None
    posts = [PostText(text, text[::-1]) for text in texts]
    together = reader.add_all(posts, [[] for _post in posts])
    assert together == [reader.add(post, []) for post in posts]
    long = [PostText("", "\n".join(texts) + "\n平常的一天" * 500)]
    assert reader.add_all(long, [[]]) == [reader.add(long[0], [])]


def test_the_quick_pass_misses_nothing_that_is_said_in_the_labelled_sentences() -> None:
    assert READER is not None
    texts = [json.loads(line)["text"] for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    likely = {rule.family: float(rule.options["likely"]) for rule in CLAIM_RULES}  # type: ignore[arg-type]
    alone = replace(
        RULES, rules=tuple(rule.model_copy(update={"unless_near": (), "unless_post": ()}) for rule in CLAIM_RULES)
    )
    found = alone.check_all([PostText("", text) for text in texts])
    n_found = n_missed = 0
    for text, findings in zip(texts, found, strict=True):
        wanted = set()
        for _sentence, scores in READER.score(text):
            family = max(scores, key=lambda name: scores[name])
            if scores[family] >= likely[family]:
                wanted.add(family)
        said = {finding.family for finding in findings}
        assert said <= wanted, text
        n_found += len(wanted)
        n_missed += len(wanted - said)
    assert n_found > 500
    assert n_missed <= n_found / 500


def test_a_workspace_silences_and_sharpens_a_rule(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "rules"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(
        '[adjust."medical.reads_like"]\nseverity = "off"\n\n'
        '[adjust."finance.reads_like"]\noptions = { likely = 0.123 }\n',
        encoding="utf-8",
    )
    mine = {rule.id: rule for rule in load_rules(tmp_path).rules}
    assert "medical.reads_like" not in mine
    assert mine["finance.reads_like"].options["likely"] == 0.123


def test_a_workspace_may_have_weights_of_its_own(tmp_path: Path, weights_path: Path) -> None:
    folder = tmp_path / "templates" / "claims"
    folder.mkdir(parents=True)
    own = folder / "weights.json"
    own.write_bytes(weights_path.read_bytes())
    assert load_rules(tmp_path).weights_path == own
    with pytest.raises(InputError, match=r"no weights are known for the family"):
        check_post(PostText("", CLAIM), load_rules(tmp_path))


@pytest.mark.parametrize("likely", [0, 1, 1.5, "much"])
def test_a_threshold_is_a_probability(rules: RuleSet, likely: object) -> None:
    wrong = MEDICAL.model_copy(update={"options": {"likely": likely}})
    with pytest.raises(InputError, match=r"t\.medical"):
        check_post(PostText("", CLAIM), replace(rules, rules=(wrong,)))


def test_missing_weights_are_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"weights\.json"):
        check_post(PostText("", CLAIM), replace(RULES, weights_path=tmp_path / "weights.json"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[:200], r"weights\.json"),
        (lambda text: text.replace('"老毛"', '"老毛病"'), r"length <= 2"),
        (lambda text: text.replace('"bias"', '"bais"'), r"bais"),
        (lambda text: text.replace(":90", ":90000"), r"5000"),
        (lambda text: "[]", r"object"),
    ],
)
def test_damaged_weights_are_an_error_that_names_the_file(
    tmp_path: Path, weights_path: Path, change: object, message: str
) -> None:
    path = tmp_path / "weights.json"
    path.write_text(change(weights_path.read_text(encoding="utf-8")), encoding="utf-8")  # type: ignore[operator]
    with pytest.raises(InputError, match=message) as caught:
        load_weights(path)
    assert str(path) in str(caught.value)


def test_weights_survive_saving(weights_path: Path, tmp_path: Path) -> None:
    again = tmp_path / "weights.json"
    save_weights(WEIGHTS, again)
    assert again.read_bytes() == weights_path.read_bytes()
    model = load_weights(weights_path)
    assert model.families == ("medical", "finance")
    assert model.weigh("老") == [30, -10]
    assert model.score("老老毛病")[0] == pytest.approx(-4 + (30 + 90 + 120) / 10 / 3**0.5)
    assert model.score("无关") == [-4.0, -4.0]


def test_the_shipped_weights_hold_short_n_grams_only_and_fit_their_rules() -> None:
    path = find_weights()
    assert path.stat().st_size <= 300_000
    table = json.loads(path.read_text(encoding="utf-8"))
    for name, family in table["families"].items():
        assert all(0 < len(gram) <= MAX_GRAM for gram in family["grams"]), name
        assert not any(char.isspace() for gram in family["grams"] for char in gram)
    assert [rule.family for rule in CLAIM_RULES] == sorted(
        table["families"], key=[rule.family for rule in CLAIM_RULES].index
    )
    for rule in CLAIM_RULES:
        assert rule.options["likely"] == table["families"][rule.family]["figures"]["likely"], (
            "python benchmarks/fit_claims.py"
        )


def test_loading_the_weights_is_quick_enough_to_do_at_every_start() -> None:
    load_weights(find_weights())
    assert isinstance(READER, ClaimReader)
    assert len(load_weights(find_weights()).packed) < 20_000


def _fit_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fit_claims", ROOT / "benchmarks" / "fit_claims.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["fit_claims"] = module
    spec.loader.exec_module(module)
    return module


def test_a_small_fit_tells_sentences_apart_that_it_has_not_seen() -> None:
    """Without the notes, on a third of the families: what is left out is told apart as well as the file says."""
    script = _fit_script()
    script.FAMILIES = families = ("diversion", "education", "absolute")
    table = ClaimTable(RULES.sounds)
    labelled = script.read_labelled(
        [LABELLED],
        lambda text: script.fold_claim(text, table),
        lambda text: [one.folded for one in cut_sentences(text, table)] or [""],
    )
    parts = np.arange(len(labelled)) // script.BLOCK % script.N_PARTS
    left_out = [row for row, part in zip(labelled, parts, strict=True) if part == 0]
    model = script.fit(
        [row for row, part in zip(labelled, parts, strict=True) if part], [], strength=300.0, n_grams=2000
    )
    scores = model.score_pieces(left_out)
    figures = load_weights(find_weights()).figures
    for at, family in enumerate(families):
        belongs = np.array([family in row.families for row in left_out])
        found = script.average_precision_score(belongs, scores[:, at])
        assert found >= figures[family]["average_precision"] - 0.1, family
        assert np.median(scores[belongs, at]) > np.quantile(scores[~belongs, at], 0.9), family


def test_a_model_packs_and_unpacks_sums_of_any_sign() -> None:
    rng = np.random.default_rng(0)
    grams = {char: [int(n) for n in rng.integers(-5000, 5000, 3)] for char in "甲乙丙丁"}
    families = {
        name: FamilyWeights({}, 0.0, 1.0, 0.0, {gram: weights[at] for gram, weights in grams.items()})
        for at, name in enumerate(("a", "b", "c"))
    }
    model = ClaimModel(ClaimWeights("", "", {}, families))
    total = [sum(weights[at] for weights in grams.values()) for at in range(3)]
    assert model.score("甲乙丙丁") == pytest.approx([one / 10 / 2 for one in total])
