"""The wheel holds what a user needs and nothing else, by whichever route it is built."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The wheel's files. Built without isolation: no test needs the internet."""
    pytest.importorskip("hatchling", reason="hatchling is not installed here, and a test may not fetch it")
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def tracked(folder: str) -> set[str]:
    run = subprocess.run(["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True)
    if run.returncode != 0 or not run.stdout:
        pytest.skip("not a git checkout: what is tracked cannot be told")
    return set(run.stdout.splitlines())


def test_shipped_data_is_in_the_wheel(names: set[str]) -> None:
    for folder in ("templates", "hot_notes_corpus"):
        want = {f"creator_kit/_data/{name}" for name in tracked(folder)}
        have = {name for name in names if name.startswith(f"creator_kit/_data/{folder}/")}
        assert want <= have


def test_the_package_and_its_catalogues_are_in_the_wheel(names: set[str]) -> None:
    assert tracked("creator_kit") <= names
    assert "creator_kit/locale/zh_CN/LC_MESSAGES/creator_kit.mo" in names
    assert "creator_kit/py.typed" in names


def test_nothing_else_is_in_the_wheel(names: set[str]) -> None:
    roots = {name.split("/")[0] for name in names}
    assert roots - {"creator_kit"} == {root for root in roots if root.endswith(".dist-info")}
    suffixes = {Path(name).suffix for name in names if "/_data/" in name}
    assert suffixes <= {".toml", ".md", ".j2", ".json", ".jsonl", ".svg", ".css", ".js", ".txt"}, (
        "no Python, font, picture, nothing that cannot be read"
    )
    assert not [name for name in names if name.endswith((".ttf", ".otf", ".db", ".pyc"))]


def test_the_licence_is_in_the_wheel(names: set[str]) -> None:
    assert [name for name in names if name.endswith("LICENSE")]
