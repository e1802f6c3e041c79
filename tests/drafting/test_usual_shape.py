"""What a brief leaves open, the workspace's own reliable shape of bodies decides; nothing less does."""

from __future__ import annotations

from pathlib import Path

import pytest

from creator_kit.drafting.bodies import choose_shape
from creator_kit.drafting.draft import Brief
from creator_kit.drafting.drafter import Drafter
from creator_kit.mining.bodies import BodyLibrary, BodyShape, BodySummary, TagHabits
from creator_kit.mining.body_library import save_bodies
from creator_kit.mining.habits import Percentiles
from creator_kit.mining.template import Interval, Lift, Tier
from creator_kit.persona import load_persona

NONE = Percentiles(0, 0, 0)


def mined(root: Path, tier: Tier) -> Path:
    lift = Lift(1.8, Interval(1.3, 2.5), 30, 40, "author")
    shape = BodyShape(("hook", "context"), 70, 30, 40, tier, lift, 0.01, NONE, NONE)
    library = BodyLibrary((shape,), (), NONE, NONE, NONE, TagHabits(NONE, {}, ()), BodySummary())
    save_bodies(library, root / "templates" / "bodies")
    return root


@pytest.mark.parametrize(("tier", "shape"), [("reliable", "diary"), ("promising", "list"), ("common", "list")])
def test_a_reliable_shape_is_the_usual_one(tmp_path: Path, tier: Tier, shape: str) -> None:
    persona = load_persona("blank")
    drafter = Drafter(persona, (), user_root=mined(tmp_path, tier))
    assert drafter.usual_shape == shape
    plain = Drafter(persona, ())
    assert plain.usual_shape == "list"
    assert (drafter.inputs_digest == plain.inputs_digest) == (shape == "list")


def test_the_brief_comes_first() -> None:
    points = ("床底放三个带轮收纳箱", "门后挂钩放帽子和包")
    assert choose_shape(Brief(topic="出租屋收纳", points=points), "home") == "list"
    assert choose_shape(Brief(topic="出租屋收纳", points=points), "home", "diary") == "diary"
    assert choose_shape(Brief(topic="出租屋收纳", points=points), "home", "steps") == "list"  # nobody gave steps
    told = Brief(topic="出租屋收纳", points=points, steps=("先清空", "再分类"))
    assert choose_shape(told, "home", "diary") == "steps"
