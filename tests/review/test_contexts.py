"""What surrounds a word decides: limits, advertising, facts, labels, private data, spam, originality."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_kit.review import Finding, PostText, check_post, load_rules
from creator_kit.review.originality import KnownTexts
from creator_kit.review.privacy import has_valid_check_digit

RULES = load_rules()


def rule_ids(findings: list[Finding]) -> set[str]:
    return {finding.rule_id for finding in findings}


def check(title: str = "", body: str = "", **more: object) -> set[str]:
    return rule_ids(check_post(PostText(title, body, **more), RULES))  # type: ignore[arg-type]


def test_title_is_counted_as_the_platform_counts() -> None:
    assert check("Claude 4.6发布，AI助手又进化了") == set()
    assert check("字" * 20) == set()
    assert "limits.title" in check("字" * 21)
    assert "limits.title" in check("字" * 17 + "👨‍💻")  # 17 + 5
    assert check("字" * 15 + "👨‍💻") == set()


def test_title_overflow_is_underlined() -> None:
    finding = check_post(PostText("字" * 20 + "多出", ""), RULES)[0]
    assert (finding.start, finding.end, finding.matched) == (20, 22, "多出")


@pytest.mark.parametrize(
    ("post", "rule"),
    [
        (PostText("", "x", tags=tuple(f"t{n}" for n in range(11))), "limits.tags"),
        (PostText("", "x", n_images=19), "limits.images"),
        (PostText("", "x", n_images=0), "limits.images"),
        (PostText("", "x", n_images=2, has_video=True), "limits.images_with_video"),
        (PostText("人均［待补：价格］元", ""), "missing.fact"),
    ],
)
def test_other_limits(post: PostText, rule: str) -> None:
    assert rule in rule_ids(check_post(post, RULES))


def test_unknown_images_are_not_a_finding() -> None:
    assert check("早餐", "煎蛋") == set()


def test_an_absolute_term_is_graver_in_an_advertisement() -> None:
    def severities(sponsored: bool | None, text: str) -> set[str]:
        post = PostText("", text, sponsored=sponsored)
        return {f.severity for f in check_post(post, RULES) if f.family == "absolute"}

    assert severities(False, "极品好茶") == {"warn"}
    assert severities(True, "极品好茶") == {"block"}
    assert severities(None, "极品好茶，领券下单") == {"block"}


def test_sponsored_notes_must_say_so_and_not_deny_it() -> None:
    assert "disclosure.sponsored" in check(body="很好喝", sponsored=True)
    assert "disclosure.sponsored" not in check(body="广告｜很好喝", sponsored=True)
    assert "disclosure.sponsored" in check(body="这不是广告，很好喝", sponsored=True)
    assert "disclosure.denied" in check(body="广告，自费购入", sponsored=True)
    assert "disclosure.denied" not in check(body="自费购入", sponsored=False)


def test_ai_label() -> None:
    assert "ai_label.undeclared" in check(body="煎蛋的三种火候", ai_assisted=True)
    assert "ai_label.undeclared" not in check(body="煎蛋的三种火候（文字由AI辅助创作）", ai_assisted=True)
    assert "ai_label.undeclared" not in check(body="煎蛋的三种火候")


def test_diversion_is_found_in_tags_and_on_the_cover() -> None:
    assert "diversion.wechat" in check(body="x", tags=("加v", "早餐"))
    assert "diversion.wechat" in check(body="x", tags=("加", "微信"))
    assert "diversion.wechat" in check(body="x", cover_texts=("资料", "加V领取"))


def test_experience_needs_a_fact() -> None:
    facts = ["我用这台烤箱做过二十次戚风"]

    def found(body: str, facts: list[str] | None) -> bool:
        return "experience.unbacked" in rule_ids(check_post(PostText("", body), RULES, facts=facts))

    assert not found("我用这台烤箱做过二十次戚风，终于不塌了", facts)
    assert found("我用这台烤箱做过八十次戚风", facts)  # the number is another one
    assert found("亲测三个月有效", facts)
    assert not found("亲测三个月有效", None)
    assert found("亲测三个月有效", [])


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True))
def test_exactly_one_check_digit_is_right(stem: str) -> None:
    assert sum(has_valid_check_digit(stem + digit) for digit in "0123456789x") == 1


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", " ", "-", "·", "❤️"]))
def test_phone_numbers_in_any_grouping(number: str, gap: str) -> None:
    written = gap.join([number[:3], number[3:7], number[7:]])
    post = PostText("", f"电话{written}，晚上打")
    found = [f for f in check_post(post, RULES) if f.rule_id == "privacy.phone"]
    assert found and found[0].matched == written


def test_emoji_and_repetition() -> None:
    assert "spam.only_emoji" in check("😍😍😍", "早餐吃什么")
    assert "spam.repetition" in check("", "防晒推荐，" * 12 + "防晒霜就看这篇，防晒防晒防晒。")
    assert check("😋一人食", "番茄炒蛋，先炒蛋再炒番茄。") == set()


def test_a_text_of_half_a_million_characters_is_read_in_seconds() -> None:
    started = time.perf_counter()
    found = check("字" * 300_000, "想要的加v。" * 30_000)
    assert {"limits.title", "limits.body", "diversion.wechat"} <= found
    assert time.perf_counter() - started < 60


@pytest.mark.parametrize("body", ["", " ", "\n"])
def test_an_empty_note_has_no_findings(body: str) -> None:
    assert check("", body) == set()


KNOWN = KnownTexts.of(
    [
        (
            "n1",
            "新手露营避坑指南｜少带这五样",
            "周末去湖边露营，带上折叠桌和一壶热红酒，太阳落下去的时候整片水面都是橘色的。",
        ),
        ("n2", "早餐不重样的第三周", "全麦面包抹上一层花生酱，再铺几片香蕉，撒一点肉桂粉，烤箱一百八十度五分钟。"),
    ]
)


def originality(post: PostText) -> dict[str, Finding]:
    return {f.rule_id: f for f in check_post(post, RULES, known=KNOWN) if f.family == "originality"}


def test_a_copied_body_blocks_and_a_copied_run_warns() -> None:
    copied = originality(PostText("", "这次去湖边露营，带上折叠桌和一壶热红酒，太阳落下去的时候整片水面都是橘色的。"))
    assert copied["originality.copied"].severity == "block" and "n1" in copied["originality.copied"].message
    own = "我们在山里住了两晚。" * 12
    run = originality(PostText("", own + "带上折叠桌和一壶热红酒，太阳落下去" + own))
    assert set(run) == {"originality.run"}
    assert run["originality.run"].matched.startswith("带上折叠桌")


@given(st.integers(0, 22), st.integers(14, 30))
def test_every_common_run_of_14_is_found(start: int, length: int) -> None:
    text = "全麦面包抹上一层花生酱再铺几片香蕉撒一点肉桂粉烤箱一百八十度五分钟"
    run = text[start : start + length]
    if len(run) < 14:
        return
    overlap = KNOWN.find_body("今天换个口味" + run + "这样吃很香")
    assert overlap is not None and overlap.known_id == "n2"


def test_the_templates_frame_is_not_copying() -> None:
    same_pattern = PostText("新手摄影避坑指南｜少带这两样", "", title_frame=("新手", "避坑指南｜少带这", "样"))
    assert originality(same_pattern) == {}
    same_words = PostText("新手露营避坑指南｜少带这五样呀", "")
    assert set(originality(same_words)) == {"originality.title"}
