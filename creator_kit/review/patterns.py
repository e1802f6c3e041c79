"""Regular expressions from rule files: only such as cannot run for long; and terms with alternatives."""

from __future__ import annotations

import itertools
import re
import re._constants as _c  # type: ignore[import-not-found]
import re._parser as _parser  # type: ignore[import-not-found]
from functools import lru_cache
from typing import Any

from creator_kit.locale import _

# Together they bound the work of one attempt at one position: the product of all choices of length.
MAX_CHOICES = 10_000
MAX_REPEAT = 200
MAX_SPELLINGS = 2_000

_REPEATS = (_c.MAX_REPEAT, _c.MIN_REPEAT)


@lru_cache(maxsize=50_000)  # a list of words stands in rule after rule
def check_bounded(pattern: str) -> None:
    """Raises ValueError, saying why, unless ``pattern`` is valid and its backtracking has a small bound.

    Refused: ``*``, ``+`` and ``{n,}`` (write ``{0,20}``), a varying repeat within a repeat, back-references,
    and patterns whose choices multiply to more than MAX_CHOICES.
    """
    if pattern.isalnum():
        return  # a plain word, as most are: it matches in one way
    try:
        tree = _parser.parse(pattern)
    except re.error as error:
        raise ValueError(_("not a regular expression: {error}").format(error=error)) from error
    except RecursionError:
        raise ValueError(_("this expression has brackets within brackets to no end; make it flatter")) from None
    choices = _count_choices(tree, in_repeat=False)
    if choices > MAX_CHOICES:
        raise ValueError(
            _("this expression has too many ways to match ({n}, limit {limit}); make its repeats shorter").format(
                n=choices, limit=MAX_CHOICES
            )
        )


def _count_choices(tree: Any, *, in_repeat: bool) -> int:
    product = 1
    for op, value in tree:
        if op in _REPEATS or op is _c.POSSESSIVE_REPEAT:
            low, high, inner = value
            if high is _c.MAXREPEAT or high > MAX_REPEAT:
                raise ValueError(_("an unbounded repeat could run for ever: write {0,20} in place of * or +"))
            if in_repeat and low != high:
                raise ValueError(_("a repeat within a repeat could run for ever: write it without the inner one"))
            inner_choices = _count_choices(inner, in_repeat=in_repeat or high > 1)
            product *= (high - low + 1) * inner_choices ** max(high, 1)
        elif op is _c.BRANCH:
            product *= _count_branches(value[1], in_repeat=in_repeat)
        elif op is _c.SUBPATTERN:
            product *= _count_choices(value[-1], in_repeat=in_repeat)
        elif op in (_c.ASSERT, _c.ASSERT_NOT):
            product *= _count_choices(value[1], in_repeat=in_repeat)
        elif op is _c.ATOMIC_GROUP:
            product *= _count_choices(value, in_repeat=in_repeat)
        elif op in (_c.GROUPREF, _c.GROUPREF_IGNORE, _c.GROUPREF_EXISTS):
            raise ValueError(_("back-references are not allowed in rules"))
        if product > 10**12:
            break  # far past the limit; stop before the numbers get long
    return product


def _count_branches(branches: list[Any], *, in_repeat: bool) -> int:
    """Choices of an alternation: at one place only such alternatives compete as begin with the same character."""
    by_first: dict[object, int] = {}
    anything = 0
    for branch in branches:
        n = _count_choices(branch, in_repeat=in_repeat)
        if len(branch) and branch[0][0] is _c.LITERAL:
            first = branch[0][1]
            by_first[first] = by_first.get(first, 0) + n
        else:
            anything += n
    return anything + max(by_first.values(), default=0)


_ALTERNATIVES = re.compile(r"(?:\[([^\[\]]{1,200})\]|\(([^()]{1,400})\))(\?)?|([^\[\]()|]{1,400})")


def spell_out(term: str) -> list[str]:
    """All spellings of a term: ``[微薇]信`` is two, ``加(个|你)?v`` is three (``?``: or nothing).

    Raises ValueError for unpaired brackets or more than MAX_SPELLINGS spellings.
    """
    if term.isalnum():
        return [term]
    parts: list[list[str]] = []
    position = 0
    while position < len(term):
        match = _ALTERNATIVES.match(term, position)
        if match is None:
            raise ValueError(
                _("'{term}' is not a term: brackets must pair and not nest, | stands within them").format(term=term)
            )
        if match[1] is not None:
            parts.append(list(match[1]) + [""] * bool(match[3]))
        elif match[2] is not None:
            parts.append(match[2].split("|") + [""] * bool(match[3]))
        else:
            parts.append([match[4]])
        if match[4] and "?" in match[4]:
            raise ValueError(_("'{term}': ? stands after a bracket; write ？ for the mark").format(term=term))
        position = match.end()
    n_spellings = 1
    for part in parts:
        n_spellings *= len(part)
    if n_spellings > MAX_SPELLINGS:
        raise ValueError(
            _("'{term}' has {n} spellings; at most {limit}").format(term=term, n=n_spellings, limit=MAX_SPELLINGS)
        )
    return list(dict.fromkeys("".join(choice) for choice in itertools.product(*parts)))
