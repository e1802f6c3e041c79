"""What-ifs of drafts: the figures are those of `simulate --what-if`, and nothing is claimed that cannot be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from showcase import make_draft

from creator_kit.drafting import TitleCandidate
from creator_kit.exposure import NoteInput, load_profile
from creator_kit.exposure.compare import compare_notes, describe_difference, parse_scenario
from creator_kit.exposure.simulate import simulate_replicates
from creator_kit.locale import speaking
from creator_kit.report.what_ifs import Comparer, compare_drafts, compare_scenarios

NOTE = NoteInput(type="图文", followers=200)
OTHERS = tuple(TitleCandidate(title, "t", "{topic}", "common", "") for title in ("很好的标题", "平常的标题"))


def make_comparer(folder: Path) -> Comparer:
    return Comparer(load_profile("explore"), 400, 30, 3, folder / "kept.json")


def test_titles_and_cover_against_others(tmp_path: Path) -> None:
    draft = make_draft(0, extra={"cover_score": 55})
    draft = make_draft(0, titles=(*draft.titles, *OTHERS), extra=draft.extra)
    rates = {draft.title: -1.0, "很好的标题": 2.0, "平常的标题": -1.0}
    (found,) = compare_drafts(make_comparer(tmp_path), NOTE, [draft], rates.__getitem__)
    assert list(found.titles) == ["很好的标题", "平常的标题"]
    assert found.titles["平常的标题"].change.en == "no difference can be told"
    now = NoteInput(type="图文", followers=200, title_quality=-1.0)
    wanted = compare_notes(
        load_profile("explore"),
        now,
        parse_scenario("title=很好的标题", now, rates.__getitem__),
        n_replicates=400,
        seed=3,
    )
    with speaking("en"):
        assert found.titles["很好的标题"].change.en == describe_difference(wanted)
    assert found.cover is not None
    assert "90" in found.cover.scenario.en
    assert "55" in found.cover.scenario.en


@pytest.mark.parametrize("score", [None, "82", -3, 140, True])
def test_a_cover_without_a_score_has_no_what_if(tmp_path: Path, score: object) -> None:
    draft = make_draft(0, extra={} if score is None else {"cover_score": score})
    (found,) = compare_drafts(make_comparer(tmp_path), NOTE, [draft], lambda _title: None)
    assert found.cover is None


def test_without_a_scorer_no_title_is_better(tmp_path: Path) -> None:
    draft = make_draft(0, titles=(*make_draft(0).titles, *OTHERS))
    (found,) = compare_drafts(make_comparer(tmp_path), NOTE, [draft], lambda _title: None)
    assert {row.change.en for row in found.titles.values()} == {"no difference can be told"}


def test_what_was_computed_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_comparer(tmp_path)
    rows = compare_scenarios(first, NOTE)
    first.keep()
    monkeypatch.setattr("creator_kit.report.what_ifs.simulate_replicates", lambda *_args, **_named: pytest.fail())
    assert compare_scenarios(make_comparer(tmp_path), NOTE) == rows
    (tmp_path / "kept.json").write_text("{")
    monkeypatch.undo()
    assert compare_scenarios(make_comparer(tmp_path), NOTE) == rows


def test_what_another_version_computed_is_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creator_kit.report.what_ifs.__version__", "0.0.1")
    first = make_comparer(tmp_path)
    compare_scenarios(first, NOTE)
    first.keep()
    monkeypatch.undo()
    runs: list[object] = []

    def count(*arguments: Any, **named: Any) -> Any:
        runs.append(arguments)
        return simulate_replicates(*arguments, **named)

    monkeypatch.setattr("creator_kit.report.what_ifs.simulate_replicates", count)
    compare_scenarios(make_comparer(tmp_path), NOTE)
    assert runs
