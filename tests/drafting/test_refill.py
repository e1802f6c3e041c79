"""Fill-ins go into the gaps, in order, and are recorded as the person's."""

from __future__ import annotations

from datetime import date

import pytest

from creator_kit.drafting import Brief, Draft, Drafter, refill_draft
from creator_kit.errors import InputError, UsageError
from creator_kit.persona import load_persona


@pytest.fixture
def gappy() -> Draft:
    return Drafter(load_persona("dorm-cook"), ()).draft(Brief("土豆焖饭"), today=date(2026, 11, 24))


def test_steps_are_numbered_and_recorded(gappy: Draft) -> None:
    assert gappy.missing == ("步骤，一步一行",)
    done = refill_draft(gappy, ["土豆切丁\n米铺底\n按煮饭键"])
    assert done.missing == () and "2️⃣ 米铺底" in done.body and "［待补" not in done.body
    assert done.body_fills[-1].source == "person" and done.draft_id == gappy.draft_id


def test_an_empty_fill_leaves_the_gap(gappy: Draft) -> None:
    assert refill_draft(gappy, [""]) == gappy == refill_draft(gappy, [])


def test_too_many_and_too_long(gappy: Draft) -> None:
    with pytest.raises(UsageError, match="2 fill-ins"):
        refill_draft(gappy, ["一", "二"])
    with pytest.raises(InputError, match="1000"):
        refill_draft(gappy, ["长" * 1000])
