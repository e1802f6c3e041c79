"""A draft says only what brief and pack say, within the platform's limits, the same each time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.drafting import (
    Brief,
    Draft,
    Drafter,
    DraftOptions,
    draft_from_json,
    draft_to_json,
    load_briefs,
    make_draft,
    run_pack_tests,
)
from creator_kit.drafting.facts import brief_text
from creator_kit.drafting.ranking import MAX_SHARED_WORDS
from creator_kit.drafting.readable import count_repeats
from creator_kit.errors import InputError, UsageError
from creator_kit.mining import Interval, Lift, SlotPart, TitleTemplate
from creator_kit.persona import Persona, find_claims, list_personas, load_persona
from creator_kit.review.originality import KnownTexts
from creator_kit.text.length import BODY_LIMIT, TITLE_LIMIT, count_body_characters, count_title_units
from creator_kit.text.segment import segment

TODAY = date(2026, 11, 24)
BRIEFS = list(load_briefs(Path(__file__).with_name("briefs.jsonl")))
PACKS = ("blank", "dorm-cook", "petite-office", "tidy-home")
# Two dozens of each sort, written before anything was tuned to them and read only then; other kinds of life.
UNSEEN = list(load_briefs(Path(__file__).with_name("unseen_briefs.jsonl")))
BEEF = BRIEFS[0]


def template(*parts: str | SlotPart, name: str = "t", lift: Lift | None = None, tier: str = "common") -> TitleTemplate:
    return TitleTemplate(name, parts, 9, 5, tier, lift)  # type: ignore[arg-type]


MINED = (
    template(SlotPart("phrase"), "必看！", SlotPart("phrase"), name="must-see"),
    template(SlotPart("topic"), "｜", SlotPart("phrase"), "｜", SlotPart("phrase"), name="bars"),
    template("谁懂啊！", SlotPart("topic"), "真的巨好吃", name="praise"),
    template("亲测", SlotPart("duration"), "，", SlotPart("topic"), name="tested"),
    template(SlotPart("count_unit"), SlotPart("topic"), "合集", name="collection"),
    template("5分钟搞定的", SlotPart("topic"), name="five"),
    template(
        SlotPart("topic"), "指南", name="guide", lift=Lift(1.6, Interval(1.2, 2.1), 20, 30, "author"), tier="reliable"
    ),
)


def drafter_of(name: str, **options: object) -> Drafter:
    return Drafter(load_persona(name), MINED, options=DraftOptions(**options))  # type: ignore[arg-type]


DRAFTERS = {name: drafter_of(name) for name in PACKS}


def texts_of(draft: Draft) -> list[str]:
    return [*(item.title for item in draft.titles), draft.title, draft.body]


def pack_text(persona: Persona) -> str:
    facts = [fact.text + "".join(word for group in fact.words.values() for word in group) for fact in persona.facts]
    return "\n".join([*facts, *(line.text for line in persona.lines), persona.commercial.disclosure])


def check_everything(draft: Draft, brief: Brief, persona: Persona) -> None:
    """What holds for every draft of every brief."""
    known = brief_text(brief) + pack_text(persona)
    counts = {str(len(brief.points)), str(len(brief.steps))}
    for text in texts_of(draft):
        # List marks count lines, they state nothing.
        plain = re.sub(r"(?m)[0-9]\ufe0f?\u20e3|🔟|^[0-9]+\. |［待补：.*?］", " ", text)
        for run in re.findall(r"[0-9]+", plain):
            assert run in known or run in counts, (run, text)
        # An own, coarser reading of first-person experience beside the one that drafting gates with.
        for claim in re.findall(r"我[^，。！？｜\s]{0,6}(?:了|过)|亲测|自用|回购|坚持了?[0-9]+天", plain):
            assert claim in known, (claim, text)
        assert all(claim.text in known for claim in find_claims(plain)), text
    titles = [item.title for item in draft.titles]
    assert len(set(titles)) == len(titles)
    assert all(0 < count_title_units(title) <= TITLE_LIMIT for title in [*titles, draft.title])
    assert count_body_characters(draft.body + "\n\n" + " ".join("#" + tag for tag in draft.tags)) <= BODY_LIMIT
    assert len(draft.tags) <= 10 and len({tag.lower() for tag in draft.tags}) == len(draft.tags)
    assert all(tag and "#" not in tag and " " not in tag for tag in draft.tags)
    assert tuple(re.findall("［待补：(.*?)］", f"{draft.title}\n{draft.body}")) == draft.missing
    for item in draft.titles:
        assert "的的" not in item.title and not re.search(r"([\u3400-\u9fff]{2,})\1", item.title)
        for fill in item.fills:
            assert fill.text in item.title and fill.source
    skeletons = [item.skeleton for item in draft.titles]
    assert len(set(skeletons)) == len(skeletons)


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("number", range(len(BRIEFS)))
def test_every_kept_brief_in_every_voice(name: str, number: int) -> None:
    brief, drafter = BRIEFS[number], DRAFTERS[name]
    draft = drafter.draft(brief, today=TODAY)
    check_everything(draft, brief, drafter.persona)
    assert not draft.blocked
    for point in (*brief.points, *brief.steps):
        assert "？" in point or point in draft.body


@pytest.mark.parametrize("number", range(len(UNSEEN)))
def test_every_unseen_brief(number: int) -> None:
    for name in ("blank", "dorm-cook"):
        draft = DRAFTERS[name].draft(UNSEEN[number], today=TODAY)
        check_everything(draft, UNSEEN[number], DRAFTERS[name].persona)
        assert len(draft.titles) >= 3 and not draft.missing


def test_a_brief_of_any_kind_has_hundreds_of_titles_to_choose_from() -> None:
    counts = []
    for brief in (*BRIEFS, *UNSEEN):
        drafter = drafter_of("petite-office")
        rank = drafter._rank
        drafter._rank = lambda filled, salt, rank=rank: counts.append(len(filled)) or rank(filled, salt)  # type: ignore
        drafter.draft(brief, today=TODAY)
    assert sorted(counts)[len(counts) // 2] >= 150  # the shipped library adds what these few mined ones do not


@pytest.mark.parametrize(
    ("brief", "wrong"),
    [
        (Brief("显高牛仔裤", audience="155小个子", points=("腰线要高过肚脐", "裤脚别堆")), "怎么显高|155cm ?155"),
        (
            Brief("周末杭州两日游", scenario="周末", places=("杭州",), points=("早上去人少", "别赶路")),
            "今天的|周末的?周末",
        ),
        (Brief("外套怎么选", points=("最好的外套看肩线", "别买太长的")), "最好"),
        (Brief("银器清洗", steps=("铺锡纸", "泡10分钟"), numbers=("10分钟",)), "10分钟搞定"),
        (Brief("月薪五千怎么存钱", points=("先转走固定一笔", "大件等两周")), "怎么存钱！"),
        (Brief("字节Java实习面经", points=("八股问得细", "手撕两道题")), "小技巧|保姆级|建议收藏"),
        (Brief("旧手机当监控", steps=("装软件", "登同一个账号")), "搞定旧手机当|的旧手机当"),
        (Brief("新猫到家第一周", audience="新手铲屎官", points=("别硬拽", "饭碗离远一点")), "条新猫到家第一周建议"),
        (Brief("换季泛红护肤", points=("先停酸", "别叠三四层水"), numbers=("两周",)), "两周搞定"),
        (Brief("回县城开面馆", points=("租金先谈", "外卖晚半年再上"), numbers=("第8个月",)), "第8个月回|怎么点|去回"),
        (Brief("老房装修插座", points=("厨房至少四个", "床头两边都留")), "租房党"),
        (Brief("新人第一次开会", audience="职场新人", points=("先记结论", "当天发出去")), "职场新人.*新人"),
        (Brief("公司年会", points=("我抽到了一等奖", "领导唱了三首歌", "昨天玩得很晚")), "技巧|建议|收藏|指南|攻略"),
        (Brief("钩针杯垫", steps=("起六针", "最后收边")), "最后收边|怎么选|值不值"),
        (Brief("泉州一日游", points=("上午开元寺，西街早饭先垫肚子", "傍晚去钟楼看日落")), "上午开元寺(?!，)"),
    ],
)
def test_words_stand_only_where_their_kind_may(brief: Brief, wrong: str) -> None:
    titles = [item.title for item in drafter_of("petite-office", n_titles=50).draft(brief, today=TODAY).titles]
    assert titles and not any(re.search(wrong, title) for title in titles)


def test_a_question_is_stressed_once_among_five_and_never_in_a_tag() -> None:
    for brief in (*BRIEFS, *UNSEEN):
        draft = DRAFTERS["blank"].draft(brief, today=TODAY)
        assert sum("到底" in item.title for item in draft.titles) <= 1
        assert not any("到底" in tag for tag in draft.tags)


@pytest.mark.parametrize("number", range(len(BRIEFS)))
def test_no_two_titles_of_a_brief_share_most_words(number: int) -> None:
    draft = DRAFTERS["blank"].draft(BRIEFS[number], today=TODAY)
    topic = {token.text for token in segment(BRIEFS[number].topic)}
    words = [{t.text for t in segment(item.title) if t.kind != "punct"} - topic for item in draft.titles]
    for i, one in enumerate(words):
        for other in words[:i]:
            if one and other:
                assert len(one & other) / max(len(one), len(other)) <= MAX_SHARED_WORDS


def test_the_same_arguments_give_the_same_bytes_and_a_seed_another_draft() -> None:
    persona = load_persona("dorm-cook")
    one, two = (draft_to_json(make_draft(BEEF, persona, MINED, today=TODAY)) for _ in range(2))
    assert one == two
    other = make_draft(BEEF, persona, MINED, options=DraftOptions(seed=3), today=TODAY)
    assert draft_from_json(one).draft_id != other.draft_id
    assert [t.title for t in draft_from_json(one).titles] != [t.title for t in other.titles]


def test_json_round_trip() -> None:
    draft = DRAFTERS["dorm-cook"].draft(BEEF, today=TODAY)
    assert draft_from_json(draft_to_json(draft)) == draft


@pytest.mark.parametrize("text", ["", "{}", '{"draft_id": 3}', "[]", "null"])
def test_what_is_no_draft_is_named(text: str) -> None:
    with pytest.raises(InputError):
        draft_from_json(text)


def test_a_newer_draft_is_refused() -> None:
    text = draft_to_json(DRAFTERS["blank"].draft(BEEF, today=TODAY)).replace(
        '"schema_version": 1', '"schema_version": 9'
    )
    with pytest.raises(InputError, match="newer"):
        draft_from_json(text)


def test_frames_that_praise_claim_or_count_without_backing_stay_unused() -> None:
    drafter = drafter_of("blank", n_titles=50, use_frames=False)
    used = {item.template_id for brief in BRIEFS for item in drafter.draft(brief, today=TODAY).titles}
    assert {"must-see", "bars", "guide"} <= used
    assert not {"praise", "tested", "collection", "five"} & used


def test_a_rank_is_the_sum_of_the_parts_that_are_told() -> None:
    for name in PACKS:
        for brief in BRIEFS[:8]:
            for item in drafter_of(name, n_titles=20).draft(brief, today=TODAY).titles:
                assert sum(item.rank_parts.values()) == pytest.approx(item.rank, abs=0.01)


def test_a_claim_that_the_brief_makes_may_stand_in_a_title() -> None:
    brief = replace(BEEF, points=("亲测热水一次加够",), numbers=("40分钟",))
    titles = [item.title for item in drafter_of("blank", n_titles=50).draft(brief, today=TODAY).titles]
    assert any("亲测" in title for title in titles)


def test_a_measured_template_says_its_figures() -> None:
    options = DraftOptions(n_titles=50, use_frames=False)
    titles = Drafter(load_persona("blank"), MINED, options=options).draft(BRIEFS[4], today=TODAY).titles
    item = next(item for item in titles if item.template_id == "guide")
    assert item.tier == "reliable" and "1.6" in item.why and "1.2 to 2.1" in item.why


def test_measure_words_agree() -> None:
    titles = [item.title for item in drafter_of("petite-office", n_titles=50).draft(BRIEFS[2], today=TODAY).titles]
    assert any(title.startswith("5套通勤穿搭") for title in titles)
    wrong = replace(BRIEFS[2], numbers=("5碗",))
    titles = [item.title for item in drafter_of("petite-office", n_titles=50).draft(wrong, today=TODAY).titles]
    assert not any("5碗" in title for title in titles)


def test_a_price_of_something_else_is_not_the_topics_price() -> None:
    brief = replace(BEEF, prices=("牛腩28元一斤",))
    titles = [item.title for item in drafter_of("blank", n_titles=50).draft(brief, today=TODAY).titles]
    assert not any("28元的" in title for title in titles)


def test_the_pack_speaks_only_of_its_own_subjects() -> None:
    travel = BRIEFS[7]
    draft = DRAFTERS["petite-office"].draft(travel, today=TODAY)
    assert not any("155" in text or "小个子" in text for text in texts_of(draft))
    assert any("outside" in remark for remark in draft.remarks)


def test_a_pack_place_gives_way_to_the_briefs() -> None:
    brief = replace(BRIEFS[1], places=("出租屋",))
    assert not any("宿舍" in text for text in texts_of(DRAFTERS["dorm-cook"].draft(brief, today=TODAY)))


def test_gaps_are_listed_and_nothing_is_made_up() -> None:
    draft = DRAFTERS["tidy-home"].draft(Brief("浴室除霉"), today=TODAY)
    assert draft.missing and "［待补：" in draft.body
    assert not any("［待补" in item.title for item in draft.titles[:3])


def test_a_price_slot_may_stay_open_when_nothing_else_fits() -> None:
    priced = (template(SlotPart("topic"), "：", SlotPart("price"), "讲清楚", name="priced"),)
    drafter = Drafter(load_persona("blank"), priced, options=DraftOptions(use_frames=False))
    draft = drafter.draft(Brief("银器清洗"), today=TODAY)
    assert draft.title == "银器清洗：［待补：价格］讲清楚" and draft.missing[0] == "价格"


def test_no_template_fits_at_all() -> None:
    drafter = Drafter(load_persona("blank"), (), options=DraftOptions(use_frames=False))
    draft = drafter.draft(Brief("银器清洗"), today=TODAY)
    assert draft.titles == () and draft.title.startswith("［待补：标题") and draft.missing[0].startswith("标题")


def test_sponsored_notes_say_so_first() -> None:
    for name in PACKS:
        brief = replace(BEEF, sponsor="某品牌")
        draft = DRAFTERS[name].draft(brief, today=TODAY)
        first = draft.body.splitlines()[0]
        assert draft.sponsored and "某品牌" in first and ("广告" in first or "利益相关" in first)
        assert "广告" in draft.tags


def test_two_hundred_points_are_cut_and_told() -> None:
    brief = Brief("收纳清单", points=tuple(f"第{n}格放一样东西，标签朝外" for n in range(200)))
    draft = DRAFTERS["tidy-home"].draft(brief, today=TODAY)
    check_everything(draft, brief, DRAFTERS["tidy-home"].persona)
    assert draft.left_out and draft.remarks and draft.left_out[-1] == brief.points[-1]
    assert draft.body.count("标签朝外") + len(draft.left_out) == 200


def test_an_english_topic_keeps_its_words() -> None:
    draft = DRAFTERS["blank"].draft(BRIEFS[-1], today=TODAY)
    own = (BRIEFS[-1].topic, *BRIEFS[-1].points)
    assert draft.titles and all(any(text in item.title for text in own) for item in draft.titles)


@pytest.mark.parametrize(
    ("brief", "shape"),
    [
        (BRIEFS[0], "steps"),
        (BRIEFS[5], "pitfalls"),
        (BRIEFS[9], "list"),
        (Brief("城南面馆探店", points=("面筋道", "汤偏咸")), "diary"),
        (Brief("租房常见问题", points=("押金怎么退？写进合同", "水电谁交？入住前抄表")), "qa"),
    ],
)
def test_the_brief_decides_the_shape(brief: Brief, shape: str) -> None:
    assert DRAFTERS["blank"].draft(brief, today=TODAY).body_template == shape


@pytest.mark.parametrize("shape", ["list", "steps", "diary", "pitfalls", "qa"])
def test_a_shape_can_be_forced(shape: str) -> None:
    draft = drafter_of("dorm-cook", shape=shape).draft(BEEF, today=TODAY)
    assert draft.body_template == shape and all(point in draft.body for point in BEEF.points)


def test_known_titles_are_not_copied() -> None:
    persona = load_persona("dorm-cook")
    first = make_draft(BEEF, persona, MINED, today=TODAY)
    known = [item.title for item in first.titles if len(item.fills) > 1]
    again = make_draft(BEEF, persona, MINED, today=TODAY, known_titles=known)
    assert known and not set(known) & {item.title for item in again.titles}


def test_banned_and_preferred_templates() -> None:
    persona = load_persona("blank")
    taste = persona.templates.model_copy(update={"banned": ("must-see",), "preferred": ("bars",)})
    drafter = Drafter(replace(persona, templates=taste), MINED)
    draft = drafter.draft(BRIEFS[7], today=TODAY)
    assert draft.titles[0].template_id == "bars"
    assert all(item.template_id != "must-see" for item in draft.titles)


def test_forbidden_words_of_the_pack_stay_out_of_titles() -> None:
    persona = load_persona("blank")
    voice = persona.voice.model_copy(update={"forbidden": ("必看",)})
    drafter = Drafter(replace(persona, voice=voice), MINED, options=DraftOptions(n_titles=50))
    assert not any("必看" in item.title for item in drafter.draft(BEEF, today=TODAY).titles)


@pytest.mark.parametrize("options", [{"n_titles": 0}, {"n_titles": 99}, {"shape": "poem"}])
def test_options_out_of_range(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        DraftOptions(**options)  # type: ignore[arg-type]


def test_no_topic() -> None:
    with pytest.raises(InputError, match="topic"):
        DRAFTERS["blank"].draft(Brief(" "), today=TODAY)


@pytest.mark.parametrize("name", list_personas())
def test_shipped_packs_pass_their_own_tests(name: str) -> None:
    results = run_pack_tests(Drafter(load_persona(name), MINED), today=TODAY)
    assert results and all(not result.failures for result in results), results


def test_a_pack_test_that_fails_says_why() -> None:
    persona = load_persona("blank")
    test = persona.tests[0].model_copy(update={"must": ("火箭",), "must_not": ("周末短途",), "min_titles": 20})
    (result,) = run_pack_tests(Drafter(replace(persona, tests=(test,)), MINED), today=TODAY)
    assert len(result.failures) == 3


WORDS = st.sampled_from(
    [
        "番茄",
        "牛腩",
        "收纳",
        "衣柜",
        "三天",
        "我",
        "的",
        "怎么",
        "15元",
        "40分钟",
        "清洗",
        "5套",
        "，",
        "🍅",
        "best",
        "？",
        "别",
    ]
)
TOPICS = st.lists(WORDS.filter(lambda word: word != "我"), min_size=1, max_size=6).map("".join)
PHRASES = st.lists(WORDS, min_size=1, max_size=6).map("".join)
ANY_BRIEF = st.builds(
    Brief,
    topic=TOPICS.filter(lambda text: text.strip("，？ ") != ""),
    scenario=st.one_of(st.just(""), TOPICS),
    audience=st.sampled_from(["", "住校生", "新手", "第一次去的人"]),
    points=st.lists(PHRASES, max_size=5).map(tuple),
    numbers=st.lists(st.sampled_from(["40分钟", "155cm", "5套", "3个番茄", "第7天", "8"]), max_size=3).map(tuple),
    prices=st.lists(st.sampled_from(["15元", "一顿15元", "牛腩28元一斤", "十五块", "免费"]), max_size=2).map(tuple),
    places=st.lists(st.sampled_from(["宿舍", "大理", "公司"]), max_size=2).map(tuple),
    steps=st.lists(PHRASES, max_size=4).map(tuple),
    goal=st.sampled_from(["", "收藏", "避坑", "涨粉"]),
    sponsor=st.sampled_from(["", "某品牌"]),
)


@given(ANY_BRIEF, st.sampled_from(PACKS))
@settings(max_examples=120, deadline=None)
def test_whatever_the_brief_the_draft_holds(brief: Brief, name: str) -> None:
    drafter = DRAFTERS[name]
    check_everything(drafter.draft(brief, today=TODAY), brief, drafter.persona)


@given(st.text(alphabet="番茄牛腩清洗", max_size=12))
def test_repeats_count_doubled_pairs(text: str) -> None:
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    assert count_repeats(text) == len(pairs) - len(set(pairs))


def test_review_blocks_keep_a_title_out() -> None:
    from creator_kit.review import load_rules

    try:
        rules = load_rules()
    except InputError:
        pytest.skip("the rules do not load")
    drafter = Drafter(load_persona("blank"), MINED, rules=rules, options=DraftOptions(n_titles=50))
    brief = Brief("银器清洗", points=("加微信领清洗粉", "锡纸亮面朝上"))
    draft = drafter.draft(brief, today=TODAY)
    assert draft.titles and not any("微信" in item.title for item in draft.titles)
    assert draft.blocked


def test_known_texts_can_be_shared_by_many_drafts() -> None:
    known = KnownTexts.of([("a", "银器清洗｜锡纸亮面朝上", "")])
    drafter = Drafter(load_persona("blank"), MINED, known=known)
    draft = drafter.draft(Brief("银器清洗", points=("锡纸亮面朝上", "泡10分钟")), today=TODAY)
    assert "银器清洗｜锡纸亮面朝上" not in {item.title for item in draft.titles}
