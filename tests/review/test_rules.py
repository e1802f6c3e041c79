"""Rule files: mistakes are named, expressions bounded, workspaces add, silence and sharpen."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from creator_kit.errors import InputError
from creator_kit.locale import use_language
from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.patterns import check_bounded, spell_out

HEAD = '[source.mine]\nzh = "我家"\nen = "ours"\n'
RULE = """
[[rule]]
id = "mine.word"
family = "taboo"
severity = "block"
terms = ["绝绝子"]
source = "mine"
zh = "“{matched}”不用。"
en = "No \\"{matched}\\" here."
must = ["绝绝子"]
must_not = ["绝了"]
"""


def workspace(tmp_path: Path, text: str, name: str = "mine.toml") -> Path:
    folder = tmp_path / "templates" / "rules"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return tmp_path


def ids(root: Path, text: str) -> dict[str, str]:
    return {f.rule_id: f.severity for f in check_post(PostText("", text), load_rules(root))}


def test_a_workspace_adds_rules(tmp_path: Path) -> None:
    root = workspace(tmp_path, HEAD + RULE)
    assert ids(root, "这个绝绝子") == {"mine.word": "block"}


def test_a_workspace_silences_and_sharpens_by_id(tmp_path: Path) -> None:
    text = "全网最低价，手机微信同号"
    assert set(ids(tmp_path, text).values()) == {"block"}
    root = workspace(
        tmp_path,
        '[adjust."absolute.lowest_price"]\nseverity = "advise"\n[adjust.diversion]\nseverity = "off"\n',
    )
    assert ids(root, text) == {"absolute.lowest_price": "advise"}


def test_a_workspace_adds_words_and_exemptions_to_a_rule(tmp_path: Path) -> None:
    root = workspace(tmp_path, '[adjust."diversion.wechat"]\nterms = ["小窗私我"]\nunless_inside = ["加v(?:记|店)"]\n')
    assert "diversion.wechat" in ids(root, "小窗私我")
    assert "diversion.wechat" not in ids(root, "去加v记喝茶")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + RULE.replace("severity", "severty"), "did you mean 'severity'"),
        (HEAD + RULE.replace('id = "mine.word"', 'id = "absolute.rank"'), "two rules are called 'absolute.rank'"),
        (HEAD + RULE + RULE, "two rules are called 'mine.word'"),
        (HEAD + RULE.replace('terms = ["绝绝子"]', 'pattern = "(a+)+b"'), "unbounded repeat"),
        (HEAD + RULE.replace('terms = ["绝绝子"]', 'pattern = "("'), "not a regular expression"),
        (HEAD + RULE.replace('terms = ["绝绝子"]', 'check = "title_lenght"'), "did you mean 'title_length'"),
        (HEAD + RULE.replace('source = "mine"', 'source = "mein"'), "did you mean 'mine'"),
        (HEAD + RULE.replace("{matched}”", "{macthed}”"), "unknown placeholder macthed"),
        (HEAD + RULE.replace('terms = ["绝绝子"]', ""), "a rule needs terms, parts, a pattern or a check"),
        (HEAD + RULE.replace('绝绝子"]\nsource', '[绝绝子"]\nsource'), "brackets must pair"),
        ('[adjust."absolute.rnak"]\nseverity = "off"\n', "did you mean 'absolute.rank'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_rules(workspace(tmp_path, text))
    assert message in str(caught.value)
    assert "mine.toml" in str(caught.value)


@pytest.mark.parametrize(
    "pattern",
    [
        "a*b",
        "(a+)+$",
        "(a|aa)+$",
        "(?:a{0,30}){0,30}b",
        "(a?){1,40}a{40}",
        "(.)\\1",
        "a{3,}",
        "x{0,900}",
        "(?:aa|a){20}",
    ],
)
def test_expressions_that_could_run_for_ever_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError):
        check_bounded(pattern)


@pytest.mark.parametrize("pattern", ["[0-9]{1,3}天瘦[0-9]{1,2}斤", "(?:最佳|最好)(?!用)", "(?<![a-z])v[:：][a-z]{0,9}"])
def test_bounded_expressions_pass(pattern: str) -> None:
    check_bounded(pattern)


def test_shipped_expressions_are_quick_on_hostile_text() -> None:
    rules = load_rules()
    hostile = ["1" * 5000, "瘦" * 5000, "最" * 5000, "扫码" * 2500, "路1号1栋" * 1000, "v:" * 2500, "a@" * 2500]
    started = time.perf_counter()
    for text in hostile:
        check_post(PostText("", text), rules)
    assert time.perf_counter() - started < 20


def test_spellings_of_a_term() -> None:
    assert spell_out("[微薇]信(号)?") == ["微信号", "微信", "薇信号", "薇信"]
    with pytest.raises(ValueError):
        spell_out("价格?")


def test_each_shipped_rule_speaks_both_languages() -> None:
    han = re.compile("[\u4e00-\u9fff]")
    for rule in load_rules().rules:
        assert han.search(rule.zh), rule.id
        sentence = re.sub(r"\{\w+\}|广告|利益相关\S*", "", rule.en)
        assert re.search("[a-z]{4}", sentence) and not han.search(sentence.replace("品牌提供", "")), rule.id


def test_findings_speak_the_readers_language() -> None:
    rules = load_rules()
    post = PostText("", "想要的加v")
    english = check_post(post, rules)[0]
    use_language("zh")
    chinese = check_post(post, rules)[0]
    assert english.message != chinese.message
    assert "导流" in chinese.message and "小红书" in chinese.source


def test_a_pack_sharpens_what_the_workspace_softens(tmp_path: Path) -> None:
    root = workspace(tmp_path, '[adjust."absolute.most"]\nseverity = "off"\n')
    pack = tmp_path / "pack"
    pack.mkdir()
    text = "这是最好用的锅"
    assert check_post(PostText("", text), load_rules(root, pack_root=pack)) == []
    (pack / "rules.toml").write_text('[lists]\nshops = ["青蛙集市"]\n', encoding="utf-8")
    rules = load_rules(root, pack_root=pack)
    assert [f.rule_id for f in check_post(PostText("", "青蛙集市店名一样"), rules)] == ["diversion.found_there"]
