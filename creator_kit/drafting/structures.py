"""Body structures: Jinja files of ``templates/bodies``, rendered where they can neither read files nor run on.

A structure may loop over what it is given and choose; it may not include, import, define macros, call
anything or build long texts. So its work is bounded by its input and its own length.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.exceptions import TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict

from creator_kit.datafiles import read_text, validate_model
from creator_kit.errors import InputError
from creator_kit.locale import _, pick
from creator_kit.paths import list_data_files
from creator_kit.persona.model import Shape

SUFFIX = ".md.j2"
SHAPES: tuple[str, ...] = get_args(Shape)
MAX_STRUCTURE_BYTES = 20_000
MAX_LOOP_DEPTH = 2
_HEADER = re.compile(r"\A\s*\{#(.*?)#\}\s*", re.DOTALL)
_FORBIDDEN = (
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Extends,
    nodes.Block,
    nodes.Macro,
    nodes.CallBlock,
    nodes.FilterBlock,
    nodes.Call,
    nodes.Assign,
    nodes.AssignBlock,
    nodes.BinExpr,
    nodes.Concat,
    nodes.List,
    nodes.Tuple,
    nodes.Dict,
)
_FILTERS = frozenset(("length", "first", "last", "trim", "default", "upper", "lower"))


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: Shape
    zh: str
    en: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Structure:
    """A body structure: its file's name, the shape it gives, the compiled template, the lines of its own."""

    name: str
    shape: str
    zh: str
    en: str
    kinds: tuple[str, ...]
    template: Template
    path: Path
    sentences: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        return pick(self.zh, self.en)

    def render(self, context: Mapping[str, Any]) -> str:
        """The body; blank lines are at most one, and a part that is "" leaves none.

        Raises InputError naming the variable that the structure asks for and drafting does not know.
        """
        try:
            text = self.template.render(context)
        except UndefinedError as error:
            raise InputError(
                _("the structure asks for what drafting does not give: {error}").format(error=error),
                where=str(self.path),
                hint=_("it may use: {names}").format(names=", ".join(sorted(context))),
            ) from error
        except TemplateError as error:
            raise InputError(str(error), where=str(self.path)) from error
        lines = [line.strip() for line in text.strip().splitlines()]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def load_structures(user_root: Path | None = None) -> dict[str, Structure]:
    """All body structures by name; a workspace's own file hides a shipped one of its name."""
    paths = list_data_files("bodies", SUFFIX, user_root)
    return {path.name.removesuffix(SUFFIX): _load(path, path.stat().st_mtime_ns) for path in paths}


@lru_cache(maxsize=64)
def _load(path: Path, _changed_ns: int) -> Structure:
    source = read_text(path, max_bytes=MAX_STRUCTURE_BYTES)
    match = _HEADER.match(source)
    if match is None:
        raise InputError(
            _("a structure begins with a comment that names its shape"),
            where=str(path),
            hint=_("begin it with {example}").format(example='{# shape = "list" … #}'),
        )
    try:
        table = tomllib.loads(match.group(1))
    except tomllib.TOMLDecodeError as error:
        raise InputError(_("not valid TOML: {error}").format(error=error), where=f"{path}:1") from error
    header = validate_model(table, _Header, where=str(path))
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)
    environment.globals.clear()
    try:
        tree = environment.parse(source)
        _refuse_unbounded(tree, path)
        template = environment.from_string(tree)
    except TemplateSyntaxError as error:
        raise InputError(error.message or str(error), where=f"{path}:{error.lineno}") from error
    # Half lines beside a variable are among them; no whole line of a body is one of those.
    said = (line.strip() for piece in tree.find_all(nodes.TemplateData) for line in piece.data.splitlines())
    sentences = frozenset(line for line in said if line)
    name = path.name.removesuffix(SUFFIX)
    return Structure(name, header.shape, header.zh, header.en, header.kinds, template, path, sentences)


def _refuse_unbounded(tree: nodes.Template, path: Path) -> None:
    for node in tree.find_all(nodes.Node):
        if isinstance(node, _FORBIDDEN) or (isinstance(node, nodes.For) and node.recursive):
            raise InputError(
                _("a structure may only choose, loop and print; '{what}' is not allowed").format(
                    what=type(node).__name__.lower()
                ),
                where=f"{path}:{node.lineno}",
                hint=_("write the text out, or ask for it in the brief"),
            )
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            raise InputError(
                _("the filter '{name}' is not allowed").format(name=node.name),
                where=f"{path}:{node.lineno}",
                hint=_("allowed: {names}").format(names=", ".join(sorted(_FILTERS))),
            )
    _check_depth(tree, path, 0)


def _check_depth(node: nodes.Node, path: Path, depth: int) -> None:
    if isinstance(node, nodes.For):
        depth += 1
        if depth > MAX_LOOP_DEPTH:
            raise InputError(_("loops lie more than {n} deep").format(n=MAX_LOOP_DEPTH), where=f"{path}:{node.lineno}")
    for child in node.iter_child_nodes():
        _check_depth(child, path, depth)
