"""Body structures are data: they cannot read files, run on, or ask for what is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from creator_kit.drafting.structures import SHAPES, load_structures
from creator_kit.errors import InputError

HEADER = '{#\nshape = "list"\nzh = "试"\nen = "try"\n#}\n'


def write(root: Path, source: str, name: str = "list") -> Path:
    folder = root / "templates" / "bodies"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.md.j2"
    path.write_text(source, encoding="utf-8")
    return path


def test_every_shape_has_a_shipped_structure() -> None:
    assert {structure.shape for structure in load_structures().values()} == set(SHAPES)


def test_a_users_file_hides_the_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, HEADER + "{{ hook }}\n")
    assert load_structures(tmp_path)["list"].render({"hook": "你好"}) == "你好"


@pytest.mark.parametrize(
    "source",
    [
        "{% include 'list.md.j2' %}",
        "{% extends '/etc/passwd' %}",
        "{% import 'x' as x %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for a in range(10**9) %}x{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ ''.__class__.__mro__ }}{{ hook.format('x') }}",
        "{{ hook|center(100000000) }}",
        "{{ '%0100000000d'|format(1) }}",
        "{% for a in points recursive %}{{ loop(points) }}{% endfor %}",
        "{% for a in points %}{% for b in points %}{% for c in points %}x{% endfor %}{% endfor %}{% endfor %}",
        "{% set x = hook ~ hook %}{{ x }}",
        "{{ open('/etc/passwd').read() }}",
    ],
)
def test_what_could_run_on_or_read_is_refused(tmp_path: Path, source: str) -> None:
    path = write(tmp_path, HEADER + source)
    with pytest.raises(InputError) as caught:
        load_structures(tmp_path)
    assert caught.value.where is not None and caught.value.where.startswith(str(path))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ hook }}", "shape"),
        ('{#\nshape = "poem"\nzh = "诗"\nen = "poem"\n#}', "shape"),
        ('{#\nshapes = "list"\nzh = ""\nen = ""\n#}', "did you mean 'shape'"),
        ("{#\nshape = \n#}", "TOML"),
        (HEADER + "{% if %}", "list.md.j2:"),
    ],
)
def test_a_structure_that_is_none_is_named(tmp_path: Path, source: str, said: str) -> None:
    write(tmp_path, source)
    with pytest.raises(InputError) as caught:
        load_structures(tmp_path)
    assert said in str(caught.value)


def test_a_name_that_drafting_does_not_give_is_named_with_those_it_gives(tmp_path: Path) -> None:
    write(tmp_path, HEADER + "{{ hok }}")
    with pytest.raises(InputError, match="hok") as caught:
        load_structures(tmp_path)["list"].render({"hook": "x"})
    assert "hook" in (caught.value.hint or "")


def test_attributes_of_python_are_out_of_reach(tmp_path: Path) -> None:
    write(tmp_path, HEADER + "{{ hook.__class__ }}")
    with pytest.raises(InputError):
        load_structures(tmp_path)["list"].render({"hook": "x"})
