"""Compiled rules, kept between runs: compiling takes ten times as long as reading what came of it."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from creator_kit import __version__
from creator_kit.kept import keep, load_kept, name_key
from creator_kit.paths import list_sources
from creator_kit.review.compiling import CompiledRule, RuleCompiler, Sign
from creator_kit.review.scanning import Scanner

if TYPE_CHECKING:
    from creator_kit.review.rule import Rule

_NAME = "review-rules"
# Fewer literals are compiled in less time than it takes to look for them.
_MIN_LITERALS = 5_000


class _KeptRule(msgspec.Struct, frozen=True, array_like=True):
    """See ``CompiledRule``."""

    index: int
    reach: int
    is_everywhere: bool
    terms: tuple[str, ...]
    loose: list[tuple[int, str]]
    is_seen_whole: bool
    n_parts: int
    extent: int


class _Tables(msgspec.Struct, frozen=True, array_like=True):
    """``signs`` holds those of all literals one after another, ``sign_ends`` (32 bits each) where each one's end."""

    rules: list[_KeptRule]
    commerce_reach: int | None
    letters: str
    coded: list[bytes]
    signs: bytes
    sign_ends: bytes


class _LazySigns(Sequence[tuple[Sign, ...]]):
    """The signs of each literal, decoded when one is first hit: a text hits a few of forty thousand."""

    def __init__(self, signs: bytes, ends: bytes) -> None:
        self._signs = signs
        self._ends = np.frombuffer(ends, dtype="<u4")
        self._decoder = msgspec.msgpack.Decoder(tuple[Sign, ...])
        self._decoded: dict[int, tuple[Sign, ...]] = {}

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, literal: int) -> tuple[Sign, ...]:  # type: ignore[override]
        signs = self._decoded.get(literal)
        if signs is None:
            start = self._ends.item(literal - 1) if literal else 0
            signs = self._decoder.decode(memoryview(self._signs)[start : self._ends.item(literal)])
            self._decoded[literal] = signs
        return signs


Compiled = tuple[list[CompiledRule], Scanner, Sequence[tuple[Sign, ...]], int | None]


def compile_rules(rules: Sequence[Rule], sounds: Mapping[str, str], commerce: Sequence[str]) -> Compiled:
    """The rules without a check compiled, the scanner for their literals, each literal's signs, and how far to look
    around words that sell (None: everywhere).

    Raises InputError for a term of which folding leaves too little.
    """
    key = name_rules(rules, sounds, commerce)
    if key is not None and (kept := load_kept(_NAME, key)) is not None:
        try:
            return _restore(msgspec.msgpack.decode(kept, type=_Tables), rules, sounds)
        except (msgspec.DecodeError, LookupError, ValueError):
            pass  # written by something else: made again
    compiler = RuleCompiler(sounds)
    compiled = [compiler.add(at, rule) for at, rule in enumerate(rules) if not rule.check]
    commerce_reach = compiler.add_commerce(commerce)
    scanner, signs = compiler.finish()
    if key is not None and len(signs) >= _MIN_LITERALS:
        keep(_NAME, key, msgspec.msgpack.encode(_dump(compiled, scanner, signs, commerce_reach)))
    return compiled, scanner, signs, commerce_reach


def name_rules(rules: Sequence[Rule], sounds: Mapping[str, str], commerce: Sequence[str]) -> str | None:
    """A key for the rules and for all that compiles them; None where that cannot be told."""
    if sum([len(rule.terms) + sum(map(len, rule.parts)) for rule in rules]) < _MIN_LITERALS // 10:
        return None
    state = describe_room()
    if state is None:
        return None
    try:
        content = msgspec.msgpack.encode([[rule.__dict__ for rule in rules], list(sounds.items()), list(commerce)])
    except (TypeError, UnicodeEncodeError):
        return None
    return name_key([state, content])


def describe_room() -> bytes | None:
    """What a key must hold of this program and what it runs on; None where that cannot be told."""
    sources = list_sources("review")
    opencc = find_spec("opencc")
    if not sources or opencc is None or opencc.origin is None:
        return None
    versions = f"{__version__} {sys.version} {unicodedata.unidata_version} {np.__version__} {msgspec.__version__}"
    try:
        stamps = [
            (path.name, found.st_mtime_ns, found.st_size)
            for path in (*sources, Path(opencc.origin))
            if (found := path.stat())
        ]
    except OSError:
        return None
    return f"{versions} {stamps!r}".encode()


def _dump(
    compiled: Sequence[CompiledRule],
    scanner: Scanner,
    signs: Sequence[tuple[Sign, ...]],
    commerce_reach: int | None,
) -> _Tables:
    encoder = msgspec.msgpack.Encoder()
    encoded = [encoder.encode(each) for each in signs]
    return _Tables(
        [
            _KeptRule(
                each.index,
                each.reach,
                each.is_everywhere,
                each.terms,
                each.loose,
                each.is_seen_whole,
                each.n_parts,
                each.extent,
            )
            for each in compiled
        ],
        commerce_reach,
        scanner.letters,
        scanner.coded,
        b"".join(encoded),
        np.cumsum([len(each) for each in encoded], dtype="<u4").tobytes(),
    )


def _restore(tables: _Tables, rules: Sequence[Rule], sounds: Mapping[str, str]) -> Compiled:
    compiler = RuleCompiler(sounds)
    compiled = [
        CompiledRule(
            kept.index,
            rules[kept.index],
            compiler.table_of(rules[kept.index]),
            kept.reach,
            kept.is_everywhere,
            kept.terms,
            kept.loose,
            kept.is_seen_whole,
            kept.n_parts,
            kept.extent,
        )
        for kept in tables.rules
    ]
    compiler.scanner.restore(tables.letters, tables.coded)
    return compiled, compiler.scanner, _LazySigns(tables.signs, tables.sign_ends), tables.commerce_reach
