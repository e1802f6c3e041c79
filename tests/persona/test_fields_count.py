"""Every field of a pack does something: change it, and a draft, a cover, the plan, a checklist or a finding changes."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from pydantic import BaseModel

from creator_kit.cover import draw_draft_cover, load_cover_assets
from creator_kit.cover.pack_style import check_pack_style
from creator_kit.drafting import Brief, Draft, Drafter, check_pack_names, run_pack_tests
from creator_kit.drafting.model import _write_prompt
from creator_kit.errors import InputError
from creator_kit.handoff.guide import tell_guide
from creator_kit.locale import LANGUAGES, speaking
from creator_kit.mining import load_library
from creator_kit.persona import Persona, check_pack, load_persona, pack_persona
from creator_kit.persona.model import PersonaFile
from creator_kit.planning.candidates import list_persona_wishes, propose_ideas
from creator_kit.workspace import Settings, init_workspace

TODAY = date(2026, 11, 24)
STEPS = ("牛腩冷水下锅", "番茄炒出沙", "小火炖软")
BRIEFS = (
    Brief("番茄牛腩", steps=STEPS, prices=("一顿15元",)),
    Brief("一人食早餐", points=("前一晚泡米", "早上八分钟就好", "配个煎蛋"), goal="评论"),
    Brief("学校门口探店", points=("面很筋道", "下午人少", "老板会问要不要加汤")),
    Brief("小电煮锅煮面", points=("水开了再下面", "青菜最后放"), sponsor="某锅具品牌"),
    Brief("土豆焖饭", goal="涨粉"),
)
Change = Callable[[dict[str, Any]], None]


def put(*path: str | int, value: Any) -> Change:
    def change(table: dict[str, Any]) -> None:
        for name in path[:-1]:
            table = table[name]  # type: ignore[index]
        table[path[-1]] = value  # type: ignore[index]

    return change


def line(field: str, **more: Any) -> Change:
    return put("voice", field, value=[{"text": "换一句没有人说过的话。", **more}])


# One change for each field; the name is the field's path in the model.
CHANGES: dict[str, Change] = {
    "title": put("title", value="换了名字"),
    "title_en": put("title_en", value="Another name"),
    "version": put("version", value="2.0.0"),
    "author.who": put("author", "who", value="研究生"),
    "author.background": put("author", "background", value="学机械"),
    "facts.id": put("facts", 0, "id", value="pot"),
    "facts.text": put("facts", 0, "text", value="有一口锅，在宿舍用过小电煮锅"),
    "facts.proof": put("facts", 0, "proof", value="receipt"),
    "facts.proof_note": put("facts", 0, "proof_note", value="发票"),
    "facts.pillars": put("facts", 0, "pillars", value=["学生党预算"]),
    "facts.words": put("facts", 0, "words", value={"audience": ["寝室党"]}),
    "voice.person": put("voice", "person", value="阿饭"),
    "voice.register": put("voice", "register", value="calm"),
    "voice.address": put("voice", "address", value="饭友们"),
    "voice.catchphrases": line("catchphrases"),
    "voice.openings": line("openings"),
    "voice.closings": line("closings"),
    "voice.calls": line("calls", goals=["collect"]),
    "voice.point_leads": line("point_leads"),
    "voice.step_leads": line("step_leads"),
    "voice.connectives": put("voice", "connectives", value=["说到底"]),
    "voice.tips": line("tips"),
    "voice.emoji": put("voice", "emoji", value=["🚀"]),
    "voice.emoji_words": put("voice", "emoji_words", value={"番茄": "🚀"}),
    "voice.bullet": put("voice", "bullet", value="dot"),
    "voice.sentence_characters": put("voice", "sentence_characters", value=9),
    "voice.forbidden": put("voice", "forbidden", value=["番茄"]),
    "pillars.name": put("pillars", 1, "name", value="花钱"),
    "pillars.kind": put("pillars", 0, "kind", value="foods"),
    "pillars.words": put("pillars", 0, "words", value=["月亮"]),
    "pillars.scenarios": put("pillars", 0, "scenarios", value=["开学"]),
    "pillars.tags": put("pillars", 0, "tags", value=["换一个话题"]),
    "audience.who": put("audience", "who", value="所有人"),
    "audience.words": put("audience", "words", value=["新生"]),
    "audience.needs": put("audience", "needs", value=["快"]),
    "templates.preferred": put("templates", "preferred", value=["{topic}来啦"]),
    "templates.banned": put("templates", "banned", value=["适合{audience}的{topic}{emoji}"]),
    "cover.palette": put("cover", "palette", value="mint"),
    "cover.layout": put("cover", "layout", value="big-type"),
    "cover.weight": put("cover", "weight", value=400),
    "cover.watermark": put("cover", "watermark", value="@阿饭"),
    "photo.guide": put("photo", "guide", value="copywriting.md"),
    "photo.retouch": put("photo", "retouch", value="clean-indoor"),
    "photo.shots": put("photo", "shots", value=["一张空碗"]),
    "photo.light": put("photo", "light", value=["月光"]),
    "photo.angles": put("photo", "angles", value=["仰拍"]),
    "photo.props": put("photo", "props", value=["勺子"]),
    "copywriting.guide": put("copywriting", "guide", value="photo.md"),
    "commercial.brands": put("commercial", "brands", value=["番茄"]),
    "commercial.refused": put("commercial", "refused", value=["锅具产品"]),
    "commercial.disclosure": put("commercial", "disclosure", value="【广告】和{sponsor}合作"),
    "commercial.ordinary_notes_per_ad": put("commercial", "ordinary_notes_per_ad", value=7),
    "tests.name": put("tests", 0, "name", value="换了"),
    "tests.brief": put("tests", 0, "brief", value={"topic": "饺子"}),
    "tests.must": put("tests", 0, "must", value=["月亮"]),
    "tests.must_not": put("tests", 0, "must_not", value=["番茄"]),
    "tests.min_titles": put("tests", 0, "min_titles", value=20),
    "tests.complete": put("tests", 0, "complete", value=False),
    "line.fact": line("openings", fact="ledger"),
    "line.shapes": line("openings", shapes=["qa"]),
    "line.kinds": line("openings", kinds=["home"]),
    "line.subjects": line("openings", subjects=["thing"]),
    "line.goals": line("calls", goals=["follow"]),
}


def list_fields(model: type[BaseModel], before: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        key = before + (field.alias or name)
        parts = (field.annotation, *getattr(field.annotation, "__args__", ()))
        inner = next((part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)), None)
        if inner is None or name in ("catchphrases", "openings", "closings", "calls", "tips") or "leads" in name:
            yield key
        else:
            yield from list_fields(inner, key + ".")


def test_every_field_has_its_change() -> None:
    fields = set(list_fields(PersonaFile)) - {"schema_version"}
    assert fields == {name for name in CHANGES if not name.startswith("line.")}


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    root = load_persona("dorm-cook").root
    found = tomllib.loads((root / "persona.toml").read_text(encoding="utf-8"))
    # A pack that uses all it can: the palette's marks as bullets.
    found["voice"]["bullet"] = "emoji"
    return found


def write(table: dict[str, Any], folder: Path) -> Persona:
    root = folder / "templates" / "personas" / "mine"
    root.mkdir(parents=True)
    for name, text in load_persona("dorm-cook").guides.items():
        (root / name).write_text(text, encoding="utf-8")
    (root / "persona.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
    return load_persona(str(root))


@cache
def assets() -> Any:
    return load_cover_assets()


def tell_cover(draft: Draft, persona: Persona, folder: Path) -> tuple[Any, ...]:
    path = folder / "cover.png"
    drawn = draw_draft_cover(draft, persona.cover, path, assets=assets())
    return drawn.layout, drawn.palette, path.read_bytes()


def tell_all(persona: Persona, folder: Path) -> Iterator[Any]:
    """Whatever a pack has a hand in, what costs least first."""
    for language in LANGUAGES:
        with speaking(language):
            yield persona.label
    yield pack_persona(persona, folder / "out").path.name
    drafter = Drafter(persona, load_library())
    yield check_pack(persona), check_pack_names(drafter), check_pack_style(persona)
    drafts = []
    for brief in BRIEFS:
        draft = drafter.draft(brief, today=TODAY)
        drafts.append(draft)
        yield draft.title, draft.body, draft.tags, draft.titles, draft.remarks, draft.blocked, draft.body_fills
        yield tell_guide(draft, persona), _write_prompt(draft, persona, [])
    yield run_pack_tests(drafter, today=TODAY)
    yield tell_cover(drafts[0], persona, folder)
    with init_workspace(folder / "space", settings=Settings(persona=str(persona.root))) as space:
        yield list_persona_wishes(space)
        yield [idea.candidate for idea in propose_ideas(space, (), n_ideas=6, taken=frozenset())]


@pytest.fixture(scope="module")
def before(table: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    folder = tmp_path_factory.mktemp("before")
    return list(tell_all(write(table, folder), folder))


def test_nothing_changes_where_the_pack_does_not(table: dict[str, Any], before: list[Any], tmp_path: Path) -> None:
    assert list(tell_all(write(table, tmp_path), tmp_path)) == before


@pytest.mark.parametrize("field", sorted(CHANGES))
def test_a_field_that_changes_changes_something(
    field: str, table: dict[str, Any], before: list[Any], tmp_path: Path
) -> None:
    other = copy.deepcopy(table)
    CHANGES[field](other)
    try:
        persona = write(other, tmp_path)
    except InputError:  # what names this field is told that it is gone
        return
    assert any(told != was for told, was in zip(tell_all(persona, tmp_path), before, strict=True))
