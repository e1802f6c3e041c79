"""The command-line contract: data on stdout, messages on stderr, one JSON shape, exit codes, UTF-8, no traceback."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import creator_kit

TODAY = "2026-11-24"
ANSI = re.compile(r"\x1b\[")


def run(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """``creator-kit`` in a process of its own, as a script would call it."""
    env = {**os.environ, "CREATOR_KIT_LANG": "en", "CREATOR_KIT_TODAY": TODAY, "COLUMNS": "80", **environment}
    return subprocess.run(
        [sys.executable, "-m", "creator_kit", *words], cwd=cwd, env=env, capture_output=True, stdin=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A workspace that the tour made, under a path with Chinese characters and a space, and its summary."""
    folder = tmp_path_factory.mktemp("contract") / "我的 账号"
    folder.mkdir()
    result = run("tour", "第一 次", "--json", cwd=folder)
    assert result.returncode == 0, result.stderr.decode()
    return folder / "第一 次", json.loads(result.stdout)


# Maps from words of a pack to words: their keys are data, not names of ours.
DATA_MAPS = {"emoji_words"}


def keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in DATA_MAPS:
                yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def test_the_tour_walks_the_whole_way(toured: tuple[Path, dict[str, Any]]) -> None:
    folder, summary = toured
    assert len(summary["packs"]) == 3
    for pack in summary["packs"]:
        home = folder / "handoff" / pack["draft_id"]
        for name in ("title.txt", "body.txt", "tags.txt", "index.html", "checklist.md", "note.json"):
            assert (home / name).stat().st_size > 0
        assert pack["images"], "each note has its cover"
        assert (home / pack["images"][0]).read_bytes().startswith(b"\x89PNG")
        assert json.loads((home / "note.json").read_text(encoding="utf-8"))["forecast"]["quantiles"]["impressions"]
    page = (folder / "report/index.html").read_text(encoding="utf-8")
    assert all(f'id="n-{pack["draft_id"]}"' in page for pack in summary["packs"])


def test_the_tour_gives_the_same_bytes_again(toured: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, _summary = toured
    assert run("tour", "again", cwd=tmp_path).returncode == 0
    first = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file() and "kit.db" not in p.name}
    again = tmp_path / "again"
    assert first == {
        p.relative_to(again): p.read_bytes() for p in again.rglob("*") if p.is_file() and "kit.db" not in p.name
    }


def test_the_tour_does_not_touch_a_folder_that_is_there(toured: tuple[Path, dict[str, Any]]) -> None:
    folder, _summary = toured
    result = run("tour", str(folder), cwd=folder.parent)
    assert result.returncode == 2
    assert b"new folder" in result.stderr


LISTINGS = [
    ["corpus", "stats"],
    ["mine", "--into", "{tmp}"],
    ["templates", "list"],
    ["scenarios"],
    ["persona", "list"],
    ["persona", "show", "dorm-cook"],
    ["persona", "check", "dorm-cook"],
    ["draft", "番茄面", "--out", "{tmp}/draft.json"],
    ["drafts"],
    ["drafts", "{draft}"],
    ["cover", "{draft}", "--out", "{tmp}/cover.png"],
    ["cover", "--list"],
    ["cover", "--credits"],
    ["review", "{draft}"],
    ["simulate", "{draft}", "--replicates", "200"],
    ["handoff", "{draft}", "--out", "{tmp}/handoff"],
    ["report", "--out", "{tmp}/report"],
    ["results", "show"],
    ["backtest"],
    ["grade", "status"],
    ["grade", "history"],
    ["grade", "ladder"],
    ["grade", "forecast"],
    ["plan", "make", "--weeks", "2", "--dry-run"],
    ["plan", "show"],
    ["plan", "match"],
]


# Many commands in one process, each with files for its stdout and stderr: starting anew is most of what one costs.
ONE_AFTER_THE_OTHER = """
import json, os, sys
from creator_kit.cli import main
commands, folder = json.loads(sys.argv[1]), sys.argv[2]
for at, words in enumerate(commands):
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(os.path.join(folder, f"{at}.{name}"), os.O_WRONLY | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["creator-kit", *words]
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    sys.stdout.flush(), sys.stderr.flush()
    print(code, file=open(os.path.join(folder, f"{at}.code"), "w"))
"""


def run_listings(folder: Path, draft_id: str, out: Path, *more: str) -> Iterator[tuple[str, bytes, str]]:
    """(command, stdout, stderr) of each listing in the workspace ``folder``; none may fail."""
    commands = [[w.format(tmp=out, draft=draft_id) for w in words] + list(more) for words in LISTINGS]
    env = {**os.environ, "CREATOR_KIT_LANG": "en", "CREATOR_KIT_TODAY": TODAY, "COLUMNS": "80"}
    words = [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps(commands), str(out)]
    assert subprocess.run(words, cwd=folder, env=env, stdin=subprocess.DEVNULL).returncode == 0
    for at, command in enumerate(commands):
        stderr = (out / f"{at}.err").read_bytes().decode()
        assert (out / f"{at}.code").read_text() in ("0\n", "1\n"), (command, stderr)
        yield " ".join(command), (out / f"{at}.out").read_bytes(), stderr


def test_json_has_one_shape(toured: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, summary = toured
    for command, stdout, _stderr in run_listings(folder, summary["packs"][0]["draft_id"], tmp_path, "--json"):
        document = json.loads(stdout)
        assert list(document)[:2] == ["schema_version", "kind"], command
        assert document["schema_version"] == 1, command
        strange = [key for key in keys_of(document) if not re.fullmatch(r"[A-Za-z0-9_./:+-]+", key)]
        assert not strange, f"{command}: JSON keys stay English"


def test_a_pipe_sees_neither_colour_nor_bars(toured: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, summary = toured
    for command, stdout, stderr in run_listings(folder, summary["packs"][0]["draft_id"], tmp_path):
        shown = stdout.decode() + stderr
        assert shown, command
        assert not ANSI.search(shown), command
        assert "\r" not in shown.replace("\r\n", "\n"), command
        assert "Traceback" not in shown, command


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--version"], 0),
        (["nonsense"], 2),
        (["draft"], 2),
        (["simulate", "--title", "x", "--today", "2026-02-30"], 0),
        (["draft", "番茄面", "--today", "2026-02-30"], 2),
        (["review", "nowhere.txt"], 3),
        (["corpus", "stats"], 4),
        (["corpus", "add", "nowhere.csv"], 4),
        (["draft", "番茄面", "--persona", "nobody"], 3),
        (["cover", "--title", "ᚠᚢᚦ", "--out", "x.png"], 6),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_exit_codes(words: list[str], code: int, tmp_path: Path) -> None:
    result = run(*words, cwd=tmp_path)
    assert result.returncode == code, result.stderr.decode()
    if code:
        message = result.stderr.decode()
        assert message.startswith("error: ")
        assert "Traceback" not in message
        assert result.stdout == b"", "no data where there is an error"
        assert not list(tmp_path.iterdir()), "nothing half-written"


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    assert b"Traceback" in run("--debug", "corpus", "stats", cwd=tmp_path).stderr


@pytest.mark.parametrize("code_page", ["gbk", "cp1252", "ascii"])
def test_output_is_utf8_whatever_the_code_page(code_page: str, tmp_path: Path) -> None:
    result = run("cover", "--list", "--json", cwd=tmp_path, PYTHONIOENCODING=code_page, PYTHONUTF8="0", LC_ALL="C")
    assert result.returncode == 0, result.stderr
    assert any(letter >= "\u4e00" for letter in result.stdout.decode("utf-8"))


def test_input_is_utf8_whatever_the_code_page(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "creator_kit", "review", "-", "--json"],
        input="加薇❤️信聊\n".encode(),
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0", "CREATOR_KIT_LANG": "en"},
        capture_output=True,
    )
    assert result.returncode == 1, result.stderr.decode()
    assert json.loads(result.stdout)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_alone_it_shows_the_way(language: str, toured: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    outside = run(cwd=tmp_path, CREATOR_KIT_LANG=language)
    assert outside.returncode == 0
    assert b"creator-kit tour" in outside.stdout
    inside = run(cwd=toured[0], CREATOR_KIT_LANG=language)
    assert b"creator-kit results add" in inside.stdout
    assert ("语料" if language == "zh" else "corpus") in inside.stdout.decode()


def test_the_workspace_setting_chooses_the_language(tmp_path: Path) -> None:
    run("init", ".", cwd=tmp_path)
    settings = tmp_path / "creator.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub('language = "[a-z]*"', 'language = "zh"', text), encoding="utf-8")
    result = run("corpus", "--help", cwd=tmp_path, CREATOR_KIT_LANG="")
    assert "用法" in result.stdout.decode()


NOT_EVERYWHERE = {"fcntl", "pwd", "grp", "termios", "tty", "pty", "resource", "crypt", "syslog", "readline"}


def test_no_module_that_windows_lacks() -> None:
    package = Path(creator_kit.__file__).parent
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names.append(node.module)
            assert not NOT_EVERYWHERE & {name.split(".")[0] for name in names}, path
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("open", "read_text", "write_text"):
                words = {word.arg for word in node.keywords}
                mode = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                binary = any(isinstance(value, str) and "b" in value for value in mode)
                if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") in ("Image", "path"):
                    assert binary or "encoding" in words or getattr(node.func.value, "id", "") == "Image", (
                        f"{path}:{node.lineno}: name the encoding"
                    )
