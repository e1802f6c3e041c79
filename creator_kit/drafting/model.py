"""A language model rewords a finished draft, within the same gates; what fails them falls back to the template draft.

Any model that the person has set up for the ``llm`` library serves (extra ``llm``; off by default). The model sees
the brief, what the pack can back and the draft, and answers with a title and a body. It is never asked for facts.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from creator_kit.drafting.draft import Draft
from creator_kit.drafting.facts import backing, brief_text
from creator_kit.drafting.gates import describe_blocks, review_draft
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _
from creator_kit.persona import Persona
from creator_kit.text.length import BODY_LIMIT, TITLE_LIMIT, count_body_characters, count_title_units
from creator_kit.text.segment import segment

if TYPE_CHECKING:
    from creator_kit.review.originality import KnownTexts
    from creator_kit.review.rules import RuleSet

N_TRIES = 2
TIMEOUT_S = 60.0
# Rewording brings words of its own; a text of which more than this share is new says something else.
MAX_NEW_WORDS_RATE = 0.4
_MAX_REPLY_CHARACTERS = 20_000
# Of a copywriting guide a model is shown the beginning: enough for the rules of one hand, small beside its window.
MAX_GUIDE_CHARACTERS = 2_000
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_GAP = re.compile("［待补：.*?］")
# jieba's flags of names: places, people, organisations, other proper names.
_NAMES = ("ns", "nr", "nt", "nz")
_CONTENT = ("n", "v", "a", "i", "l", "t")

SYSTEM = (
    "你是小红书笔记的文字编辑，只改措辞，不加内容。只能说“素材”里有的事：数字、价格、地名、品牌、亲身经历，素材里没有的一律不写。"
    "［待补：…］原样保留，第一行的广告声明原样保留，每个要点都要留着。不用绝对化用语，不夸大。"
    '只回一个 JSON 对象：{"title": "标题，20字以内", "body": "正文，不带话题标签"}'
)


class ModelProblem(Exception):
    """The model gave nothing usable: it failed, timed out or did not answer in the form asked for."""


@dataclass(frozen=True)
class Rewriter:
    """Rewords drafts of ``persona`` with the model ``model_id``; picklable, so that workers can have one each.

    ``known`` are (id, title, body) of texts not to copy; ``timeout_s`` seconds are waited for one answer.
    """

    persona: Persona
    model_id: str
    user_root: Path | None = None
    timeout_s: float = TIMEOUT_S
    n_tries: int = N_TRIES
    known: tuple[tuple[str, str, str], ...] = ()

    @cached_property
    def _tools(self) -> tuple[Any, RuleSet, KnownTexts | None]:
        from creator_kit.review import load_rules
        from creator_kit.review.originality import KnownTexts

        known = KnownTexts.of(self.known) if self.known else None
        return find_model(self.model_id), load_rules(self.user_root, pack_root=self.persona.root), known

    def check(self) -> None:
        """Raise UsageError or InputError at once where the library or the model is not there."""
        find_model(self.model_id)

    def __call__(self, draft: Draft) -> Draft:
        model, rules, known = self._tools

        def ask(prompt: str) -> str:
            return str(model.prompt(prompt, system=SYSTEM).text())

        return reword_draft(
            draft,
            self.persona,
            rules,
            ask,
            known=known,
            n_tries=self.n_tries,
            timeout_s=self.timeout_s,
            model_id=self.model_id,
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_tools"}


def find_model(model_id: str) -> Any:
    """The model that ``llm`` knows by that name or alias."""
    try:
        import llm
    except ImportError as error:
        raise UsageError(
            _("a language model needs the extra 'llm'"), hint=_('pip install "creator-kit[llm]", then set up: llm keys')
        ) from error
    try:
        return llm.get_model(model_id)
    except llm.UnknownModelError as error:
        raise InputError(
            _("llm knows no model '{name}'").format(name=model_id), hint=_("`llm models` lists those that are set up")
        ) from error


def reword_draft(
    draft: Draft,
    persona: Persona,
    rules: RuleSet | None,
    ask: Callable[[str], str],
    *,
    known: KnownTexts | None = None,
    n_tries: int = N_TRIES,
    timeout_s: float = TIMEOUT_S,
    model_id: str = "",
) -> Draft:
    """``draft`` in the model's words, ``model_used`` set; or ``draft`` itself with a remark why not.

    ``ask`` takes a prompt and gives the answer; whatever it raises counts as no answer. A try that fails a gate is
    told so in the next prompt. Nothing that the gates refuse ever leaves this function.
    """
    problems: list[str] = []
    for _number in range(n_tries):
        try:
            title, body = _parse(_ask(ask, _write_prompt(draft, persona, problems), timeout_s))
        except ModelProblem as problem:
            problems = [str(problem)]
            continue
        reworded = replace(draft, title=title, body=body, model_used=True, extra={**draft.extra, "model": model_id})
        problems = list(_find_problems(reworded, draft, persona, rules, known))
        if not problems:
            return replace(reworded, blocked=())
    remark = _("the model's text was not used ({why}); this is the template draft").format(why="; ".join(problems[:3]))
    return replace(draft, remarks=(*draft.remarks, remark))


def _write_prompt(draft: Draft, persona: Persona, problems: list[str]) -> str:
    voice, audience = persona.voice, persona.audience
    guide = persona.guides.get(persona.copywriting.guide, "").strip()[:MAX_GUIDE_CHARACTERS]
    address = f"，叫读者“{voice.address}”" if voice.address else ""
    parts = [
        "素材：\n" + brief_text(draft.brief).strip(),
        f"作者：{persona.author.who}。{persona.author.background}",
        "作者能证明的事：\n" + "\n".join(fact.text for fact in persona.facts),
        f"读者：{audience.who}。他们想知道：{'、'.join(audience.needs) or '没有写'}",
        f"语气：{voice.register_}；自称“{voice.person}”{address}；不用的词：{'、'.join(voice.forbidden) or '无'}",
        *(["作者的文案手册：\n" + guide] if guide else []),
        f"现在的标题：{draft.title}\n现在的正文：\n{draft.body}",
    ]
    if problems:
        parts.append("上一次的回答不能用：" + "；".join(problems))
    return "\n\n".join(parts)


def _ask(ask: Callable[[str], str], prompt: str, timeout_s: float) -> str:
    """The answer within ``timeout_s`` seconds. The thread of a model that hangs is left behind, and ends with us."""
    answers: list[str] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(ask(prompt))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if answers:
        return answers[0]
    if errors:
        raise ModelProblem(
            _("the model failed: {error}").format(error=str(errors[0])[:120] or type(errors[0]).__name__)
        )
    raise ModelProblem(_("no answer within {n:g} seconds").format(n=timeout_s))


def _parse(answer: str) -> tuple[str, str]:
    match = _OBJECT.search(answer[:_MAX_REPLY_CHARACTERS])
    try:
        table = json.loads(match.group()) if match else None
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        raise ModelProblem(_("the answer is not the JSON that was asked for"))
    title, body = table.get("title"), table.get("body")
    if not isinstance(title, str) or not isinstance(body, str) or not title.strip() or not body.strip():
        raise ModelProblem(_("the answer lacks a title or a body"))
    return " ".join(title.split()), body.strip()


def _find_problems(
    new: Draft, old: Draft, persona: Persona, rules: RuleSet | None, known: KnownTexts | None
) -> Iterator[str]:
    yield from describe_blocks(review_draft(new, persona, rules, known))
    if count_title_units(new.title) > TITLE_LIMIT:
        yield _("the title has {n} units, {limit} are allowed").format(
            n=count_title_units(new.title), limit=TITLE_LIMIT
        )
    length = count_body_characters(new.body + "\n\n" + " ".join(f"#{tag}" for tag in new.tags))
    if length > BODY_LIMIT:
        yield _("the body has {n} characters, {limit} are allowed").format(n=length, limit=BODY_LIMIT)
    if tuple(_GAP.findall(f"{new.title}\n{new.body}")) != tuple(_GAP.findall(f"{old.title}\n{old.body}")):
        yield _("a gap ［待补：…］ was filled or lost")
    if old.sponsored and old.body.splitlines()[0] not in new.body.splitlines()[:1]:
        yield _("the disclosure is not in the first line any more")
    yield from (
        _("the forbidden word '{word}'").format(word=word)
        for word in persona.voice.forbidden
        if word in f"{new.title}\n{new.body}"
    )
    yield from _find_new_facts(new, old, persona)


def _find_new_facts(new: Draft, old: Draft, persona: Persona) -> Iterator[str]:
    """Names that nothing said, more new words than rewording needs, and figures that got lost."""
    said = "\n".join((brief_text(new.brief), backing(persona), old.title, old.body, *(t.title for t in old.titles)))
    words = [token for token in segment(f"{new.title}\n{new.body}") if token.kind in ("word", "latin")]
    names = [t.text for t in words if len(t.text) > 1 and (t.kind == "latin" or t.pos.startswith(_NAMES))]
    for name in dict.fromkeys(names):
        if name.lower() not in said.lower():
            yield _("nothing backs '{text}'").format(text=name)
    content = [t.text for t in words if t.kind == "word" and t.pos.startswith(_CONTENT) and len(t.text) > 1]
    n_new = sum(word not in said for word in content)
    if content and n_new / len(content) > MAX_NEW_WORDS_RATE:
        yield _("it says other things than the draft ({n} of {total} words are new)").format(
            n=n_new, total=len(content)
        )
    for point in (*new.brief.points, *new.brief.steps):
        if point in old.body and not _is_carried(point, new.body):
            yield _("a point got lost: {text}").format(text=point[:20])


def _is_carried(point: str, body: str) -> bool:
    """Whether half of the words of a point, and all of its figures, are still there."""
    tokens = [t for t in segment(point) if t.kind in ("word", "latin", "number")]
    figures = [t.text for t in tokens if t.kind == "number"]
    words = [t.text for t in tokens if t.kind != "number" and (len(t.text) > 1 or len(tokens) < 4)]
    if any(figure not in body for figure in figures):
        return False
    return not words or 2 * sum(word in body for word in words) >= len(words)
