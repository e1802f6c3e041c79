"""Packs load, name their mistakes, and say which claims nothing backs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.errors import InputError
from creator_kit.paths import find_shipped_dir
from creator_kit.persona import check_pack, find_claims, list_personas, load_persona

SHIPPED = ("blank", "dorm-cook", "petite-office", "tidy-home")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of a shipped pack that a test may spoil."""
    target = tmp_path / "my-pack"
    shutil.copytree(find_shipped_dir("templates") / "personas" / "dorm-cook", target)
    return target


def edit(pack: Path, before: str, after: str) -> None:
    path = pack / "persona.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_four_packs_ship_and_each_is_clean() -> None:
    assert set(SHIPPED) <= set(list_personas())
    for name in SHIPPED:
        assert check_pack(load_persona(name)) == []


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "blank"])
def test_a_shipped_pack_is_complete(name: str) -> None:
    pack = load_persona(name)
    assert pack.author.who and pack.audience.words and len(pack.facts) >= 4 and len(pack.tests) >= 3
    assert len(pack.voice.openings) >= 5 and len(pack.voice.closings) >= 3 and pack.voice.forbidden
    assert pack.pillars and all(pillar.tags and pillar.scenarios for pillar in pack.pillars)
    assert pack.cover.palette and pack.cover.layout and pack.photo.shots and pack.photo.retouch
    assert "拍照" in pack.guides["photo.md"] and "标题" in pack.guides["copywriting.md"]
    assert pack.commercial.refused and "{sponsor}" in pack.commercial.disclosure


def test_a_users_pack_stands_before_the_shipped_one(tmp_path: Path, pack: Path) -> None:
    own = tmp_path / "templates" / "personas" / "dorm-cook"
    shutil.copytree(pack, own)
    edit(own, 'title = "宿舍做饭的学生"', 'title = "我的包"')
    assert load_persona("dorm-cook", tmp_path).title == "我的包"
    assert load_persona("dorm-cook").title == "宿舍做饭的学生"


def test_a_folder_or_its_file_names_a_pack(pack: Path) -> None:
    assert load_persona(str(pack)).name == load_persona(str(pack / "persona.toml")).name == "my-pack"


@pytest.mark.parametrize("name", ["dorm-cok", "no such thing", "", "../dorm-cook", "a/b"])
def test_a_pack_that_is_not_there(name: str) -> None:
    with pytest.raises(InputError) as caught:
        load_persona(name)
    assert caught.value.hint


def test_a_misspelt_name_gets_a_suggestion() -> None:
    with pytest.raises(InputError, match="dorm-cook"):
        load_persona("dorm-cok")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[voice]", "[voice]\nopennings = []", "did you mean 'openings'"),
        ('proof = "photo"', 'proof = "hearsay"', "facts.0.proof"),
        ('version = "1.0.0"', 'version = "one"', "version"),
        ('id = "student"', 'id = "dorm_pot"', "twice"),
        ('pillars = ["一人食"]', 'pillars = ["一人吃"]', "一人吃"),
        ('fact = "dorm_pot"', 'fact = "dorm_pan"', "dorm_pan"),
        ("今天写{topic}，慢慢说清楚。", "今天写{topik}，好的坏的都说。", "topik"),
        ("今天写{topic}，慢慢说清楚。", "今天写{topic，好的坏的都说。", "brace"),
        ("本篇与{sponsor}合作", "本篇与品牌合作", "{sponsor}"),
        ("【广告】利益相关：", "", "广告"),
        ("sentence_characters = 36", 'sentence_characters = "many"', "sentence_characters"),
        ('guide = "photo.md"', 'guide = "foto.md"', "did you mean 'photo.md'"),
        ("[[facts]]", "[[facts]", "TOML"),
    ],
)
def test_mistakes_are_named(pack: Path, before: str, after: str, said: str) -> None:
    edit(pack, before, after)
    with pytest.raises(InputError) as caught:
        load_persona(str(pack))
    assert said in str(caught.value) and "persona.toml" in str(caught.value)


def test_another_encoding_is_named(pack: Path) -> None:
    path = pack / "persona.toml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    with pytest.raises(InputError, match="UTF-8"):
        load_persona(str(pack))


def test_a_missing_guide_and_an_empty_folder(pack: Path, tmp_path: Path) -> None:
    (pack / "photo.md").unlink()
    with pytest.raises(InputError, match=r"photo\.md"):
        load_persona(str(pack))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"persona\.toml"):
        load_persona(str(tmp_path / "empty"))


def test_a_claim_without_a_fact_is_found(pack: Path) -> None:
    edit(pack, "今天写{topic}，慢慢说清楚。", "我用了三年才敢写{topic}。")
    findings = check_pack(load_persona(str(pack)))
    assert any("我用了" in finding.message and finding.text.startswith("我用了三年") for finding in findings)


def test_a_fact_that_speaks_of_something_else_backs_nothing(pack: Path) -> None:
    edit(pack, "今天写{topic}，慢慢说清楚。", "PLACEHOLDER")
    edit(pack, '"PLACEHOLDER"', '{ text = "我跑步坚持了两年。", fact = "market" }')
    assert any("market" in finding.message for finding in check_pack(load_persona(str(pack))))


def test_forbidden_words_and_long_lines_of_the_packs_own_are_found(pack: Path) -> None:
    edit(pack, "今天写{topic}，慢慢说清楚。", "绝绝子！" + "今天写{topic}，" * 8)
    messages = [finding.message for finding in check_pack(load_persona(str(pack)))]
    assert any("绝绝子" in message for message in messages) and any("longer" in message for message in messages)


@pytest.mark.parametrize(
    "text",
    [
        "我用了三年的锅",
        "亲测好用",
        "无限回购的面霜",
        "坚持30天早起",
        "我身高155",
        "吃了两个月",
        "我在大厂上班",
        "自费买的",
        "我每天五点起",
        "踩过的坑都在这",
        "洗了三遍",
        "我骑了三年车",
        "咱用了三年的锅",
    ],
)
def test_claims_about_oneself(text: str) -> None:
    assert find_claims(text)


@pytest.mark.parametrize(
    "text",
    [
        "今天写番茄牛腩",
        "我把步骤写在下面",
        "我们一起看",
        "别踩坑",
        "避免踩坑",
        "你们用什么锅",
        "番茄炒出沙再下牛腩",
        "我来说说",
        "泡10分钟冲净",
        "先煮开再放面",
    ],
)
def test_sentences_that_claim_nothing_about_the_author(text: str) -> None:
    assert find_claims(text) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('address = "姐妹们"', 'address = "饭友们"\ncatchphrases = ["姐妹们好好吃饭。"]', "readers are '姐妹'"),
        ('person = "我"', 'person = "阿饭"\ncatchphrases = ["今天我来写。"]', "the author is '我'"),
        ('address = "姐妹们"', "", "needs an address"),
        ("brands = []", 'brands = ["大功率电器"]', "both advertised and refused"),
        ('"今天写{topic}，慢慢说清楚。"', '"咱用了三年才敢写{topic}。"', "咱用了"),
    ],
)
def test_a_pack_that_contradicts_itself(pack: Path, before: str, after: str, said: str) -> None:
    if "catchphrases" in after:
        edit(pack, 'catchphrases = ["好好吃饭，慢慢长大。", "一个人吃饭，也要吃口热的。"]\n', "")
    edit(pack, before, after)
    assert any(said in finding.message for finding in check_pack(load_persona(str(pack))))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('kind = "food"', 'kind = "foods"', "did you mean 'food'"),
        ('kinds = ["food"]', 'kinds = ["fodo"]', "no kind of life"),
        ('"{topic}｜{place}也能做"', '"{topic}｜{place}也可以做"', "{topic}｜{place}也能做"),
        ('banned = ["{topic}（建议收藏）"', 'banned = ["{topic}（建议珍藏）"', "{topic}（建议收藏）"),
        ('palette = "tomato"', 'palette = "tomatto"', "did you mean 'tomato'"),
        ('layout = "photo-band"', 'layout = "photoband"', "did you mean 'photo-band'"),
        ('retouch = "warm-food"', 'retouch = "warm-foot"', "did you mean 'warm-food'"),
    ],
)
def test_a_name_that_nobody_knows_is_found(pack: Path, before: str, after: str, said: str) -> None:
    edit(pack, before, after)
    result = CliRunner().invoke(app, ["persona", "check", str(pack), "--json"])
    assert result.exit_code == 1
    assert any(said in finding["message"] for finding in json.loads(result.stdout)["findings"])


def test_a_slot_type_that_is_none_is_named(pack: Path) -> None:
    edit(pack, 'words = { place = ["宿舍"] }', 'words = { placee = ["宿舍"] }')
    with pytest.raises(InputError, match="did you mean 'place'"):
        load_persona(str(pack))
