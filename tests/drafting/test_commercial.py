"""What a pack says of advertising holds for every draft; the person who finishes it is told what the pack asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from creator_kit.drafting import Brief, Draft, Drafter
from creator_kit.handoff.guide import list_used_facts, tell_guide
from creator_kit.persona import Persona, load_persona

PERSONA = load_persona("dorm-cook")
POINTS = ("水开了再下面", "青菜最后半分钟放")


def pack(**changes: Any) -> Persona:
    return replace(PERSONA, commercial=PERSONA.commercial.model_copy(update=changes))


def make(persona: Persona, topic: str = "小电煮锅煮面", **more: Any) -> Draft:
    return Drafter(persona, ()).draft(Brief(topic, points=POINTS, **more), today=date(2026, 11, 24))


def test_a_paying_brand_is_named_as_the_sponsor_or_the_note_is_held_back() -> None:
    silent = make(pack(brands=("阿饭锅具",)), topic="阿饭锅具小锅煮面")
    assert any("pack-brand-undisclosed" in why and "阿饭锅具" in why for why in silent.blocked)
    assert not make(pack(brands=("别家",)), topic="阿饭锅具小锅煮面").blocked
    told = make(pack(brands=("阿饭锅具",)), topic="阿饭锅具小锅煮面", sponsor="阿饭锅具")
    assert not told.blocked and told.body.startswith("【广告】")


@pytest.mark.parametrize(
    ("refused", "topic", "sponsor", "is_blocked"),
    [
        ("减肥产品", "减肥餐煮面", "某锅具品牌", True),
        ("减肥产品", "煮面", "某某减肥茶", True),
        ("减肥产品", "煮面", "某锅具品牌", False),
        ("减肥产品", "减肥餐煮面", "", False),  # nobody pays for it
        ("大功率电器", "大功率电热锅煮面", "某锅具品牌", True),
        ("产品", "煮面产品", "某锅具品牌", True),
    ],
)
def test_what_the_pack_refuses_is_not_advertised(refused: str, topic: str, sponsor: str, is_blocked: bool) -> None:
    draft = make(pack(refused=(refused,)), topic, sponsor=sponsor)
    assert any("pack-refused" in why for why in draft.blocked) is is_blocked


def test_a_gap_tells_what_these_readers_look_for() -> None:
    drafter = Drafter(PERSONA, ())
    bare = drafter.draft(Brief("土豆焖饭"), today=date(2026, 11, 24))
    assert any("花多少钱说清楚" in remark for remark in bare.remarks)
    assert not any("花多少钱说清楚" in remark for remark in make(PERSONA).remarks)


def test_the_checklist_has_the_shot_list_and_the_proofs_of_what_the_draft_leans_on() -> None:
    draft = make(PERSONA)
    used = list_used_facts(draft, PERSONA)
    assert [fact.id for fact in used] == ["dorm_pot"]  # its tip speaks of the pot
    text = "\n".join(tell_guide(draft, PERSONA))
    assert all(words in text for words in (*PERSONA.photo.shots, *PERSONA.photo.light, *PERSONA.photo.props))
    assert used[0].proof_note in text and "photo.md" in text and "--preset warm-food" in text
    assert tell_guide(make(load_persona("blank")), load_persona("blank")) == []
