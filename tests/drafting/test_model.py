"""A model may reword within the gates; what invents, rambles, fails or hangs gives way to the template draft."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.drafting import Brief, Draft, Drafter, Rewriter, reword_draft
from creator_kit.errors import InputError
from creator_kit.mining import load_library
from creator_kit.persona import load_persona
from creator_kit.review import load_rules

llm = pytest.importorskip("llm", reason="the extra 'llm' is not installed")

TODAY = date(2026, 11, 24)
BRIEF = Brief("番茄牛腩", points=("番茄去皮才出沙", "热水一次加够"), prices=("一顿15元",), scenario="一人食")
PERSONA = load_persona("dorm-cook")
RULES = load_rules()
GOOD = {
    "title": "一人食番茄牛腩，番茄去皮才出沙",
    "body": "今天写番茄牛腩。\n番茄要去皮，才出沙。\n热水记得一次加够。\n一顿15元。",
}


def answer(**changes: str) -> str:
    return json.dumps({**GOOD, **changes}, ensure_ascii=False)


def hang() -> str:
    time.sleep(3)
    return answer()


def fail() -> str:
    raise RuntimeError("no key")


MODELS: dict[str, Callable[[], str]] = {
    "good": answer,
    "fenced": lambda: f"好的：\n```json\n{answer()}\n```",
    "number": lambda: answer(body=GOOD["body"] + "\n我做了30次，只要9元。"),
    "claim": lambda: answer(body=GOOD["body"] + "\n亲测有效，我妈吃了都说好。"),
    "place": lambda: answer(title="成都番茄牛腩", body=GOOD["body"]),
    "brand": lambda: answer(body=GOOD["body"] + "\n用的是 Staub 的锅。"),
    "other": lambda: answer(body="春天去爬山，风景很美，朋友们笑得开心，相机记录下花海和云朵，晚霞温柔。"),
    "lost": lambda: answer(body="今天写番茄牛腩。\n番茄去皮才出沙。"),
    "long": lambda: answer(title="番茄牛腩" * 8),
    "absolute": lambda: answer(body=GOOD["body"] + "\n全网第一好吃，国家级。"),
    "rubbish": lambda: "as an assistant { I cannot",
    "list": lambda: "[1, 2]",
    "empty": lambda: '{"title": "", "body": 3}',
    "fails": fail,
    "hangs": hang,
}


class Plugin:
    """Registers a model of llm for each entry of ``MODELS``; ``asked`` are the prompts that came."""

    __name__ = "creator_kit_tests"
    asked: ClassVar[list[str]] = []

    @llm.hookimpl
    def register_models(self, register: Callable[[Any], None]) -> None:
        for name, reply in MODELS.items():
            register(_model(name, reply, self.asked))


def _model(name: str, reply: Callable[[], str], asked: list[str]) -> Any:
    class Model(llm.Model):  # type: ignore[misc]
        model_id = f"test-{name}"
        can_stream = False

        def execute(self, prompt: Any, stream: bool, response: Any, conversation: Any) -> Iterator[str]:
            asked.append(prompt.prompt)
            yield reply()

    return Model()


@pytest.fixture(autouse=True)
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugin]:
    from llm.plugins import pm

    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path / "llm"))
    one = Plugin()
    one.asked.clear()
    pm.register(one)
    yield one
    pm.unregister(one)


def template_draft(brief: Brief = BRIEF) -> Draft:
    return Drafter(PERSONA, load_library(), rules=RULES).draft(brief, today=TODAY)


@pytest.mark.parametrize("name", ["good", "fenced"])
def test_a_good_model_is_used_and_recorded(name: str) -> None:
    draft = Rewriter(PERSONA, f"test-{name}")(template_draft())
    assert draft.title == GOOD["title"] and draft.body == GOOD["body"]
    assert draft.model_used and draft.extra["model"] == f"test-{name}" and not draft.blocked
    assert draft.tags == template_draft().tags


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"good", "fenced", "hangs"}))
def test_what_fails_a_gate_is_retried_and_falls_back_and_says_so(name: str, plugin: Plugin) -> None:
    before = template_draft()
    after = Rewriter(PERSONA, f"test-{name}")(before)
    assert (after.title, after.body, after.model_used) == (before.title, before.body, False)
    assert len(plugin.asked) == 2 and "上一次的回答不能用" in plugin.asked[1]
    assert after.remarks[:-1] == before.remarks and "template draft" in after.remarks[-1]


def test_a_model_that_hangs_is_not_waited_for() -> None:
    before, start = template_draft(), time.monotonic()
    after = Rewriter(PERSONA, "test-hangs", timeout_s=0.2, n_tries=2)(before)
    assert time.monotonic() - start < 2.5
    assert after.body == before.body and "0.2 seconds" in after.remarks[-1]


def test_a_second_try_may_succeed() -> None:
    replies = iter(["nothing", answer()])
    draft = reword_draft(template_draft(), PERSONA, RULES, lambda _prompt: next(replies))
    assert draft.model_used and draft.title == GOOD["title"]


def test_gaps_and_disclosure_survive_or_the_model_is_not_used() -> None:
    gap = template_draft(Brief("番茄牛腩"))
    assert gap.missing
    filled = reword_draft(gap, PERSONA, RULES, lambda _prompt: answer(title=gap.title, body="番茄牛腩，炖到软烂。"))
    assert not filled.model_used
    paid = template_draft(replace(BRIEF, sponsor="某厨具品牌"))
    silent = reword_draft(paid, PERSONA, RULES, lambda _prompt: answer())
    assert not silent.model_used and silent.sponsored and silent.body == paid.body


def test_an_unknown_model_is_named_at_once() -> None:
    with pytest.raises(InputError, match="no-such-model"):
        Rewriter(PERSONA, "no-such-model").check()


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "llm", None)
    result = CliRunner().invoke(app, ["draft", "番茄牛腩", "--model", "test-good"])
    assert result.exit_code == 2 and "creator-kit[llm]" in result.output


def test_on_the_command_line_the_draft_says_that_a_model_was_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    points = [part for text in BRIEF.points for part in ("--point", text)]
    command = ["draft", "番茄牛腩", *points, "--price", "一顿15元", "--scenario", "一人食", "-p", "dorm-cook", "--json"]
    for name, used in (("good", True), ("number", False)):
        result = CliRunner().invoke(app, [*command, "--model", f"test-{name}", "--today", "2026-11-24"])
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["draft"]["model_used"] is used
    shown = CliRunner().invoke(app, [*command[:-1], "--model", "test-good", "--today", "2026-11-24"])
    assert shown.stdout.startswith(GOOD["title"]) and "test-good reworded" in shown.output
    off = CliRunner().invoke(app, [*command, "--today", "2026-11-24"])
    assert json.loads(off.stdout)["draft"]["model_used"] is False


def test_the_ai_label_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    assert runner.invoke(app, ["init", "."]).exit_code == 0
    points = [part for text in BRIEF.points for part in ("--point", text)]
    command = ["draft", "番茄牛腩", *points, "--price", "一顿15元", "-p", "dorm-cook", "--json", "--scenario", "一人食"]
    checklists = []
    for more in (["--model", "test-good"], []):
        made = runner.invoke(app, [*command, *more, "--today", "2026-11-24"])
        handed = runner.invoke(app, ["handoff", json.loads(made.stdout)["draft"]["draft_id"]])
        (path,) = tmp_path.rglob("checklist.md")
        checklists.append(path.read_text(encoding="utf-8"))
        assert checklists[-1], handed.output
        path.unlink()
    labelled, plain = (sum("AI" in line for line in text.splitlines()) for text in checklists)
    assert labelled > plain
