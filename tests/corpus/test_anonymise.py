"""No person comes through the door, and no price or date is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.corpus.anonymise import EMAIL, PHONE, QQ, WECHAT, Anonymiser, is_hash, mask_people

PEOPLE = Anonymiser(b"a key of this workspace")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("联系 13800138000。", f"联系 {PHONE}。"),
        ("联系13800138000哦", f"联系{PHONE}哦"),
        ("138 0013 8000", PHONE),
        ("138-0013-8000", PHONE),
        ("+86 13800138000", f"+86 {PHONE}"),
        ("１３８００１３８０００", PHONE),
        ("电话 010-12345678", f"电话 {PHONE}"),
        ("联系方式：85661234", f"联系方式：{PHONE}"),
        ("400-123-4567", PHONE),
        ("加微信：abc_12345 详聊", f"加微信：{WECHAT} 详聊"),
        ("vx:hello123 哈", f"vx:{WECHAT} 哈"),
        ("VX➡️abc12345", f"VX➡️{WECHAT}"),
        ("V: abcdef1", f"V: {WECHAT}"),
        ("加V abc_123", f"加V {WECHAT}"),
        ("加vabc_123", f"加v{WECHAT}"),
        ("薇❤ zhang_san99", f"薇❤ {WECHAT}"),
        ("绿泡泡abc12345", f"绿泡泡{WECHAT}"),
        ("wxid_ab12cd34ef", WECHAT),
        ("微信同号 66778899", f"微信同号 {WECHAT}"),
        ("QQ群：123456789", f"QQ群：{QQ}"),
        ("qq123456789", f"qq{QQ}"),
        ("扣扣 2233445566", f"扣扣 {QQ}"),
        ("我的邮箱a.b@qq.com哦", f"我的邮箱{EMAIL}哦"),
        ("小红书号：4938273312", "小红书号：［账号］"),
        ("看 https://www.xiaohongshu.com/user/profile/5b30bf7e?x=1 吧", "看 ［链接］ 吧"),
        ("@小明同学 你好", "@用户 你好"),
        ("和@小红 @小刚 一起", "和@用户 @用户 一起"),
    ],
)
def test_contacts_are_masked(text: str, masked: str) -> None:
    assert mask_people(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "13800元一个",
        "到手价 12999",
        "微信支付13800元",
        "加微信 13800块",
        "qq 12345元",
        "电话13800元",
        "QQ糖 25克",
        "2024-06-17 12:30",
        "20240617",
        "编号 2024061712",
        "13579246810112",
        "圆周率 3.13812345678",
        "微信Android客户端",
        "微信 backend面经",
        "suqqu101 12345",
        "并发10000 QPS",
        "@用户你大数据",
        "5b30bf7e00000000000000b2",
        "步骤1-2-3-4-5",
        "阅读量 1234567",
    ],
)
def test_prices_dates_and_words_stay(text: str) -> None:
    assert mask_people(text) == text


def test_the_authors_own_name_is_masked_when_it_is_no_common_word() -> None:
    assert mask_people("我是王小明同学，你好", "王小明同学") == "我是［作者］，你好"
    assert mask_people("小美的日常", "小美") == "小美的日常"


@given(st.text(max_size=80))
@settings(max_examples=300)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_people(text)
    assert mask_people(once) == once


_AROUND = st.text(alphabet="今天天气真好，。！ \n", max_size=12)


@given(_AROUND, st.integers(13_000_000_000, 19_999_999_999), _AROUND)
def test_no_mobile_number_survives(before: str, number: int, after: str) -> None:
    assert str(number) not in mask_people(f"{before}{number}{after}")


@given(_AROUND, st.integers(1, 99_999), st.sampled_from(["元", "块", "万", "人", "次", "年"]), _AROUND)
def test_prices_and_quantities_survive(before: str, number: int, unit: str, after: str) -> None:
    text = f"{before}{number}{unit}{after}"
    assert mask_people(text) == text


@given(
    st.from_regex(r"[a-z][a-z0-9_]{4,14}[0-9]", fullmatch=True),
    st.sampled_from(["微信：", "vx:", "VX：", "加V：", "薇信:", "v："]),
)
def test_no_wechat_id_behind_its_keyword_survives(name: str, keyword: str) -> None:
    assert name not in mask_people(f"想要的{keyword}{name} 备注")


def test_hashes_depend_on_the_key_and_on_what_is_hashed() -> None:
    other = Anonymiser(b"another key")
    note_id = "5b30bf7e00000000000000b2"
    assert is_hash(PEOPLE.note(note_id))
    assert PEOPLE.note(note_id) == Anonymiser(b"a key of this workspace").note(note_id)
    assert PEOPLE.note(note_id) != other.note(note_id)
    assert len({PEOPLE.note(note_id), PEOPLE.author_of_id(note_id), PEOPLE.author_of_name(note_id)}) == 3
    with pytest.raises(ValueError, match="key"):
        Anonymiser(b"")


def test_both_schemas_of_mediacrawler_name_one_author_alike() -> None:
    import hashlib

    user_id = "5ff0e6410000000001008400"
    digest = hashlib.sha256(user_id.encode()).hexdigest()[:16]
    assert PEOPLE.author_of_id(user_id) == PEOPLE.author_of_digest(digest)


def test_long_keys_are_taken() -> None:
    assert is_hash(Anonymiser(b"k" * 200).note("x"))
