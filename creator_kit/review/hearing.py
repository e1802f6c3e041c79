"""What hearing by sound goes by, gathered from the rules once and kept between runs (see ``creator_kit.kept``)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from creator_kit.kept import keep, load_kept, name_key
from creator_kit.paths import find_shipped_dir
from creator_kit.review.folding import FoldTable
from creator_kit.review.sieve import PairSieve
from creator_kit.review.signs import Numbers
from creator_kit.review.soundalikes import Lexicon, Neighbours, find_neighbours
from creator_kit.review.tables import name_rules
from creator_kit.review.vocabulary import Vocabulary, collect_vocabulary, list_expressions

if TYPE_CHECKING:
    from creator_kit.review.rule import Rule

_NAME = "review-sounds"


@dataclass(frozen=True)
class Hearing:
    """Where a text may hold a word by its sound, and what it may be."""

    sieve: PairSieve
    lexicon: Lexicon


class _Interned(msgspec.Struct, frozen=True, array_like=True):
    """A few values that many share: which one each has (32 bits)."""

    values: list[list[list[bytes]]]
    numbers: bytes


class _Tables(msgspec.Struct, frozen=True, array_like=True):
    """See ``Vocabulary`` and ``Neighbours``. Terms, and what a character may be, are a line each; pairs and keys have
    two characters each."""

    terms: str
    owners: _Interned
    letters: list[tuple[str, bytes]]
    joints: str
    joined: _Interned
    parts: list[str]
    pairs: list[tuple[str, list[int]]]
    rules: list[bytes]
    numbers: list[bytes]
    after: tuple[str, str]
    before: tuple[str, str]
    suspicious: bytes


def hear(known: Vocabulary, table: FoldTable) -> Hearing:
    """What hears ``known``, which was folded by ``table``."""
    return _hear(known, table)[0]


def _hear(known: Vocabulary, table: FoldTable) -> tuple[Hearing, Neighbours]:
    within = itertools.chain.from_iterable(map("".join, itertools.pairwise(term)) for term in known.terms)
    weak = itertools.chain(known.joints, known.pairs)
    neighbours = find_neighbours(known)
    sieve = PairSieve(dict.fromkeys(within), weak, table)
    return Hearing(sieve, Lexicon(known, table, neighbours)), neighbours


def hear_rules(rules: Sequence[Rule], spoken: Sequence[str], sounds: Mapping[str, str], table: FoldTable) -> Hearing:
    """What hears what ``rules`` that block are made of, and the ``spoken`` words (see ``collect_vocabulary``)."""
    key = _name_key(rules, spoken, sounds)
    if key is not None and (kept := load_kept(_NAME, key)) is not None:
        try:
            return _restore(msgspec.msgpack.decode(kept, type=_Tables), rules, sounds, table)
        except (msgspec.DecodeError, LookupError, TypeError, ValueError):
            pass  # written by something else: made again
    known = collect_vocabulary(rules, spoken, sounds, table)
    hearing, neighbours = _hear(known, table)
    if key is not None:
        keep(_NAME, key, msgspec.msgpack.encode(_dump(known, neighbours, hearing.sieve)))
    return hearing


def _name_key(rules: Sequence[Rule], spoken: Sequence[str], sounds: Mapping[str, str]) -> str | None:
    """A key for the rules, all that reads them, and the lists of sounds; None where that cannot be told."""
    key = name_rules(rules, sounds, spoken)
    if key is None:
        return None
    try:
        stamps = [
            (path.name, found.st_mtime_ns, found.st_size)
            for path in sorted((find_shipped_dir("templates") / "sounds").iterdir())
            if (found := path.stat())
        ]
    except OSError:
        return None
    return name_key([key.encode(), repr(stamps).encode()])


def _dump(known: Vocabulary, neighbours: Neighbours, sieve: PairSieve) -> _Tables:
    return _Tables(
        "\n".join(known.terms),
        _intern(map(tuple, known.terms.values())),
        [(letter, _pack(bits)) for letter, bits in known.letters.items()],
        "".join(known.joints),
        _intern((tuple(first), tuple(second)) for first, second in known.joints.values()),
        known.parts,
        list(known.pairs.items()),
        list(map(_pack, known.rules)),
        [each.row for each in (neighbours.short, neighbours.long, neighbours.twos, neighbours.threes)],
        ("".join(neighbours.after), "\n".join(neighbours.after.values())),
        ("".join(neighbours.before), "\n".join(neighbours.before.values())),
        sieve.suspicious,
    )


def _restore(kept: _Tables, rules: Sequence[Rule], sounds: Mapping[str, str], table: FoldTable) -> Hearing:
    owners = [[(_unpack(bit), _unpack(needed)) for bit, needed in each] for each in kept.owners.values]
    joined = [(list(map(_unpack, first)), list(map(_unpack, second))) for first, second in kept.joined.values]
    terms = kept.terms.split("\n")
    known = Vocabulary(
        dict(zip(terms, map(owners.__getitem__, _read(kept.owners)), strict=True)),
        {letter: _unpack(bits) for letter, bits in kept.letters},
        dict(zip(_by_two(kept.joints), map(joined.__getitem__, _read(kept.joined)), strict=True)),
        kept.parts,
        dict(kept.pairs),
        list_expressions(rules, sounds),
        list(map(_unpack, kept.rules)),
    )
    short, long, twos, threes = map(Numbers, kept.numbers)
    after, before = (
        dict(zip(_by_two(keys), values.split("\n"), strict=True)) if keys else {}
        for keys, values in (kept.after, kept.before)
    )
    lexicon = Lexicon(known, table, Neighbours(short, long, twos, threes, after, before))
    return Hearing(PairSieve((), (), table, kept.suspicious), lexicon)


def _by_two(characters: str) -> list[str]:
    return list(map(str.__add__, characters[::2], characters[1::2]))


def _pack(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "little")


def _unpack(packed: bytes) -> int:
    return int.from_bytes(packed, "little")


def _intern(values: Iterable[tuple[tuple[int, ...], ...]]) -> _Interned:
    numbers: dict[tuple[tuple[int, ...], ...], int] = {}
    each = [numbers.setdefault(value, len(numbers)) for value in values]
    packed = [[list(map(_pack, row)) for row in value] for value in numbers]
    return _Interned(packed, np.array(each, dtype="<u4").tobytes())


def _read(interned: _Interned) -> list[int]:
    numbers: list[int] = np.frombuffer(interned.numbers, dtype="<u4").tolist()
    return numbers
