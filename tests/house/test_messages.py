"""Every text that a person reads exists in Chinese and in English, with the same fields to fill."""

from __future__ import annotations

import ast
import io
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import creator_kit
from creator_kit.locale import LOCALE_DIR, detect_language

PACKAGE = Path(creator_kit.__file__).parent
CATALOGUE = LOCALE_DIR / "zh_CN" / "LC_MESSAGES" / "creator_kit.po"
FIX = (
    "update the catalogue: pybabel extract --no-location --sort-output -o /tmp/messages.pot creator_kit"
    " && pybabel update -N --no-wrap --ignore-obsolete --ignore-pot-creation-date -d creator_kit/locale -D creator_kit"
    " -l zh_CN -i /tmp/messages.pot, translate, then pybabel compile -d creator_kit/locale -D creator_kit"
)


def fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conv in string.Formatter().parse(text) if name is not None}


def extracted() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, line, message, _comments, _context in extract_from_dir(str(PACKAGE)):
        # A message with a plural is looked up by its singular.
        text = message if isinstance(message, str) else message[0]
        if text:
            found.setdefault(text, f"{name}:{line}")
    return found


def texts(catalogue: Catalog) -> dict[str, list[str]]:
    """The Chinese of each message, under its singular."""
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            [message.string] if isinstance(message.string, str) else list(message.string)
        )
        for message in catalogue
        if message.id
    }


def test_every_message_has_its_chinese() -> None:
    catalogue = read_po(io.BytesIO(CATALOGUE.read_bytes()))
    lacking = []
    for text, place in extracted().items():
        message = catalogue.get(text)
        if message is None or message.fuzzy or not message.string or not all(message.string):
            lacking.append(f"{place}: {text!r}")
    assert not lacking, f"{len(lacking)} messages have no Chinese ({FIX}):\n" + "\n".join(lacking)


def test_the_chinese_fills_the_same_fields() -> None:
    catalogue = read_po(io.BytesIO(CATALOGUE.read_bytes()))
    for message in catalogue:
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        targets = [message.string] if isinstance(message.string, str) else list(message.string)
        if message.id:
            want = set().union(*map(fields, sources))
            for target in targets:
                assert fields(target) == want, f"{sources[0]!r} → {target!r}"


def test_no_message_is_left_behind() -> None:
    catalogue = read_po(io.BytesIO(CATALOGUE.read_bytes()))
    known = set(extracted())
    ids = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id}
    assert not ids - known, f"no code uses these any more ({FIX})"


def test_the_compiled_catalogue_is_the_written_one() -> None:
    # Read back, not compared by bytes: the header names the version of Babel that wrote it.
    compiled = read_mo(io.BytesIO(CATALOGUE.with_suffix(".mo").read_bytes()))
    written = read_po(io.BytesIO(CATALOGUE.read_bytes()))
    assert texts(compiled) == texts(written), FIX


def _is_marked(node: ast.expr) -> bool:
    """Whether ``node`` is ``_("…")``, something filled or joined from it, or a value that is no literal."""
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str)
    if isinstance(node, ast.JoinedStr):
        return False
    if isinstance(node, ast.BinOp):
        return _is_marked(node.left) or _is_marked(node.right)
    return True


@pytest.mark.parametrize(
    "path", sorted(path for path in PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_error_and_no_help_is_bare_english(path: Path) -> None:
    bare = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [word.value for word in node.keywords if word.arg in ("hint", "epilog")]
        if "typer" in ast.dump(node.func) or name == "command":
            texts += [word.value for word in node.keywords if word.arg == "help"]
        if name in ("say", "InputError", "RefusedError", "UsageError", "WorkspaceError", "StorageError", "AssetError"):
            texts += node.args[:1]
        bare += [f"{path.name}:{text.lineno}" for text in texts if not _is_marked(text)]
    assert not bare, f"mark with _(): {bare}"


@pytest.mark.parametrize(
    ("environment", "setting", "language"),
    [
        ({"CREATOR_KIT_LANG": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "en", "zh"),
        ({"CREATOR_KIT_LANG": "", "LANG": "en_US.UTF-8"}, "zh", "zh"),
        ({"CREATOR_KIT_LANG": "", "LANG": "zh_TW.UTF-8"}, None, "zh"),
        ({"CREATOR_KIT_LANG": "", "LANG": "fr_FR.UTF-8"}, None, "en"),
        ({"CREATOR_KIT_LANG": "klingon", "LANG": "C"}, None, "en"),
    ],
)
def test_the_language_follows_variable_then_setting_then_locale(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], setting: str | None, language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert detect_language(setting) == language
