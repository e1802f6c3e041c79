"""A note's texts are cut where findings begin and end, and joined they are the texts again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from creator_kit.drafting import Brief, Draft
from creator_kit.handoff.note_view import cut_text, review_in_both, view_note
from creator_kit.review import Finding
from creator_kit.review.finding import SEVERITIES

TEXT = st.text("ab<>&\n番茄［待补：］价", max_size=40)
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9), st.sampled_from(SEVERITIES)), max_size=6)


@given(TEXT, SPANS)
def test_pieces_join_to_the_text_and_each_finding_ends_once(text: str, raw: list[tuple[int, int, str]]) -> None:
    spans = [(s, s + n, i, severity) for i, (s, n, severity) in enumerate(raw, 1) if s + n <= len(text)]
    pieces = cut_text(text, spans)
    assert "".join(piece.text for piece in pieces) == text
    assert sorted(n for piece in pieces for n in piece.ends) == [span[2] for span in spans]
    at = 0
    for piece in pieces:
        over = [span[3] for span in spans if span[0] <= at and at + len(piece.text) <= span[1]]
        assert piece.severity == (min(over, key=SEVERITIES.index) if over else "")  # type: ignore[arg-type]
        at += len(piece.text)


def test_a_view_numbers_findings_in_reading_order() -> None:
    draft = Draft(
        "d1", "t", "p", "2026-11-24", "最好的牛腩", "价格［待补：多少］，全网最低", ("#牛腩",), (), Brief("t"), "steps"
    )  # fmt: skip
    findings = [
        Finding("r3", "x", "warn", "body", "m3", "s", 10, 14),
        Finding("r1", "x", "block", "title", "m1", "s", 0, 2),
        Finding("r4", "x", "advise", "images", "m4", "s"),
        Finding("r2", "x", "block", "body", "m2", "s", 2, 9),
    ]
    view = view_note(draft, review_in_both(lambda: findings))
    assert [(r.rule_id, r.number) for r in view.remarks] == [("r1", 1), ("r2", 2), ("r3", 3), ("r4", 0)]
    assert view.remarks[0].matched == "最好"
    assert [s.text for s in view.body_segments if s.is_gap] == ["［待补：多少］"]
    assert (view.state, view.n_block, view.n_warn, view.n_gaps) == ("gaps", 2, 1, 1)
    assert [r.rule_id for r in view.other_remarks] == ["r4"]
    assert view.tags == "#牛腩"
