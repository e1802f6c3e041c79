"""The same library to the byte wherever it is mined: here, in processes, on a real Dask cluster of two workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from planted import make_notes, plant_titles
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.corpus import Note
from creator_kit.errors import InputError
from creator_kit.mining import body_reading, mine_titles, save_library
from creator_kit.mining import bonds as bonds_module
from creator_kit.mining import encoding as encoding_module
from creator_kit.mining import matching as matching_module
from creator_kit.mining.bodies import mine_bodies
from creator_kit.mining.body_library import save_bodies
from creator_kit.mining.engine import Engine, open_engine
from creator_kit.paths import find_shipped_dir


@dataclass(frozen=True)
class FakeHeat:
    rank: float | None
    basis: str = "source"
    from_hot_list: bool = False
    age_band: int = 2


@pytest.fixture(scope="module")
def corpus() -> tuple[list[Note], list[FakeHeat]]:
    rng = np.random.default_rng(41)
    planted = plant_titles(3000, rng)
    notes = make_notes([p.title for p in planted], [int(a) for a in rng.integers(0, 700, 3000)])
    return notes, [FakeHeat(float(r)) for r in rng.random(3000)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    distributed = pytest.importorskip("distributed", reason="distributed is not installed (pip install distributed)")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as made:
        made.wait_for_workers(2)
        yield made.scheduler_address


def mine_to_bytes(corpus: tuple[list[Note], list[FakeHeat]], engine: Engine | None, folder: Path) -> bytes:
    library = mine_titles(corpus[0], corpus[1], engine=engine)
    assert len(library.templates) > 20
    (path,) = save_library(library, folder)
    return path.read_bytes()


@pytest.fixture
def small_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (encoding_module, matching_module):
        monkeypatch.setattr(module, "PARTITION_TITLES", 700)
    monkeypatch.setattr(bonds_module, "CHUNK_TITLES", 800)


def test_partitions_do_not_show(
    corpus: tuple[list[Note], list[FakeHeat]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    whole = mine_to_bytes(corpus, None, tmp_path / "a")
    request.getfixturevalue("small_partitions")
    assert mine_to_bytes(corpus, None, tmp_path / "b") == whole


@pytest.mark.usefixtures("small_partitions")
def test_processes_give_the_same_bytes(corpus: tuple[list[Note], list[FakeHeat]], tmp_path: Path) -> None:
    here = mine_to_bytes(corpus, None, tmp_path / "a")
    with open_engine(n_jobs=2) as engine:
        assert mine_to_bytes(corpus, engine, tmp_path / "b") == here


@pytest.mark.usefixtures("small_partitions")
def test_a_dask_cluster_of_two_processes_gives_the_same_bytes(
    corpus: tuple[list[Note], list[FakeHeat]], tmp_path: Path, cluster: str
) -> None:
    import distributed

    here = mine_to_bytes(corpus, None, tmp_path / "a")
    with open_engine(cluster) as engine:
        assert mine_to_bytes(corpus, engine, tmp_path / "b") == here
    with distributed.Client(cluster, set_as_default=False) as client:
        pids = set(client.run(lambda: __import__("os").getpid()).values())
    assert len(pids) == 2 and __import__("os").getpid() not in pids


def draw_bodies(n: int) -> tuple[list[Note], list[FakeHeat]]:
    rng = np.random.default_rng(43)
    lines = ("先洗菜切好", "📁房租先问清楚", "记得早点出门", "1. 再下锅炒熟", "你们平时抹几层？", "合计38元", "雨停了")
    notes = [
        Note(
            f"{i:016x}", f"{int(rng.integers(150)):016x}", source="s",
            body="开头\n" + "\n".join(rng.choice(lines, int(rng.integers(1, 6)))),
            tags=tuple(str(tag) for tag in rng.choice(["日常", "一人食", "租房"], int(rng.integers(3)), False)),
        )
        for i in range(n)
    ]  # fmt: skip
    return notes, [FakeHeat(float(rank)) for rank in rng.random(n)]


def test_bodies_read_anywhere_give_the_same_bytes(
    tmp_path: Path, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes, heats = draw_bodies(900)
    whole = save_bodies(mine_bodies(notes, heats), tmp_path, name="whole").read_bytes()
    monkeypatch.setattr(body_reading, "PART_BODIES", 70)  # more parts than wait at once
    done: list[int] = []
    cut = mine_bodies(iter(notes), heats, advance=done.append)
    assert save_bodies(cut, tmp_path, name="cut").read_bytes() == whole
    assert sum(done) == 900 and len(done) == 13
    with open_engine(cluster) as engine:
        assert save_bodies(mine_bodies(notes, heats, engine=engine), tmp_path, name="dask").read_bytes() == whole
    assert len(mine_bodies(notes, heats).shapes) > 5


def test_the_command_mines_on_a_cluster(tmp_path: Path, cluster: str) -> None:
    def run(*words: str) -> None:
        result = CliRunner().invoke(app, [*words, "-w", str(tmp_path)])
        assert result.exit_code == 0, result.output

    assert CliRunner().invoke(app, ["init", str(tmp_path)]).exit_code == 0
    run("corpus", "add", str(find_shipped_dir("hot_notes_corpus") / "notes.jsonl"))
    run("mine", "--name", "here", "--no-score")
    run("mine", "--name", "there", "--no-score", "--engine", "dask", "--scheduler", cluster)
    run("mine", "--bodies", "--name", "bodies")
    run("mine", "--bodies", "--name", "away", "--engine", "dask", "--scheduler", cluster)
    for one, other in (
        ("titles/here", "titles/there"),
        ("bodies/here", "bodies/there"),
        ("bodies/bodies", "bodies/away"),
    ):
        files = [tmp_path / "templates" / f"{name}.toml" for name in (one, other)]
        assert files[0].read_bytes() == files[1].read_bytes()


def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="distributed is not installed (pip install distributed)")
    monkeypatch.setattr("creator_kit.mining.engine.CONNECT_SECONDS", 0.2)
    with pytest.raises(InputError, match="no Dask scheduler answers"), open_engine("tcp://127.0.0.1:9"):
        pass


@pytest.mark.parametrize("words", [["--engine", "spark"], ["--engine", "dask"], ["--scheduler", "tcp://127.0.0.1:9"]])
def test_options_that_do_not_fit_are_usage_errors(words: list[str]) -> None:
    assert CliRunner().invoke(app, ["mine", *words]).exit_code == 2
