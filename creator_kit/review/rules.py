"""Rules as a person writes them: TOML files, checked on load, compiled once.

Shipped rules lie in ``templates/rules``; a workspace's ``templates/rules`` adds files of its own, hides a
shipped file by its name, and adjusts single rules by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from creator_kit.datafiles import suggest
from creator_kit.errors import InputError
from creator_kit.locale import _, pick
from creator_kit.paths import list_data_files
from creator_kit.review.claim_weights import find_weights, load_weights
from creator_kit.review.claims import ClaimReader
from creator_kit.review.engine import BATCH_SIZE, Engine
from creator_kit.review.folding import FoldTable
from creator_kit.review.hearing import hear_rules
from creator_kit.review.patterns import check_bounded
from creator_kit.review.respelling import Hints, RespelledPost, Respeller, respell_post
from creator_kit.review.rule import LISTABLE, Adjustment, Phrase, Rule, RuleFile, Source
from creator_kit.review.rule_files import load_rule_files
from creator_kit.review.settling import settle

if TYPE_CHECKING:
    from creator_kit.review.finding import Finding, PostText
    from creator_kit.review.originality import KnownTexts


@dataclass(frozen=True)
class RuleSet:
    """All rules in force, in the order of their files, and the engine that runs them; ``silenced`` are those that
    somebody turned off, ``weights_path`` is where the weights of claims are (None: the shipped ones)."""

    rules: tuple[Rule, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)
    sounds: Mapping[str, str] = field(default_factory=dict)
    commerce: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()
    silenced: tuple[Rule, ...] = ()
    weights_path: Path | None = None

    @cached_property
    def respeller(self) -> Respeller:
        """What hears words that are written by their sound; it gathers them at first use."""
        table = FoldTable("light", self.sounds)
        return Respeller(lambda: hear_rules(self.rules, self.spoken, self.sounds, table))

    @cached_property
    def engine(self) -> Engine:
        """The compiled rules; made at first use."""
        return Engine(self.rules, self.sounds, self.commerce, self.describe_source)

    @cached_property
    def claim_reader(self) -> ClaimReader | None:
        """What finds claims that no word gives away; None where no rule asks for it. Reads its weights at first use."""
        rules = [rule for rule in self.rules if rule.check == "claims"]
        if not rules:
            return None
        model = load_weights(self.weights_path or find_weights())
        silenced = tuple(rule for rule in self.silenced if not rule.check)
        find = Engine(silenced, self.sounds, self.commerce, self.describe_source).check if silenced else None
        return ClaimReader(rules, model, self.sounds, self.describe_source, find)

    def check(
        self, post: PostText, *, facts: Sequence[str] | None = None, known: KnownTexts | None = None
    ) -> list[Finding]:
        """What the rules find in ``post``, what they find once words written by their sound are spelled plainly, and
        what reads like the claims that they are about."""
        findings = self._add_respelled(post, self.engine.check(post, facts=facts, known=known))
        return findings if self.claim_reader is None else self.claim_reader.add(post, findings)

    def check_all(
        self,
        posts: Sequence[PostText],
        *,
        facts: Sequence[str] | None = None,
        known: Sequence[KnownTexts | None] | None = None,
    ) -> list[list[Finding]]:
        """What ``check`` finds in each of ``posts``, at a fraction of the cost where they are short; ``known`` are what
        each must not repeat."""
        found = self.engine.check_all(posts, facts=facts, known=known)
        for begin in range(0, len(posts), BATCH_SIZE):
            batch = [[text for _name, text in post.texts()] for post in posts[begin : begin + BATCH_SIZE]]
            hints = iter(self.respeller.sift([text for texts in batch for text in texts]))
            for at, texts in enumerate(batch, begin):
                mine = [next(hints) for _text in texts]
                if any(map(any, mine)):
                    found[at] = self._add_respelled(posts[at], found[at], mine)
        return found if self.claim_reader is None else self.claim_reader.add_all(posts, found)

    def _add_respelled(
        self, post: PostText, findings: list[Finding], hints: Sequence[Hints] | None = None
    ) -> list[Finding]:
        """``findings`` and what blocks once words written by their sound are spelled plainly; ``hints`` are what the
        respeller saw at a glance."""
        more: list[Finding] = []
        for respelled in respell_post(post, self.respeller, hints):
            found = [
                finding
                for finding in self._find_in(respelled, post)
                if not any(_share_place(finding, other) for other in findings + more)
            ]
            if found:
                # What any other character would bring about too (最迟 is exempt, 最龘 is not) is not heard.
                anyway = self._find_in(respelled.neutral(post), post)
                more += [finding for finding in found if not any(_share_place(finding, other) for other in anyway)]
        return settle(findings + more) if more else findings

    def _find_in(self, respelled: RespelledPost, post: PostText) -> list[Finding]:
        """What blocks in ``respelled`` and takes in a word that ``post`` spells otherwise."""
        if respelled.has_number(post):
            found = self.engine.check(respelled.post)
        else:
            near = {field: text.plain for field, text in respelled.changed.items()}
            found = self.engine.check_words(respelled.post, near)
        return respelled.map_back([finding for finding in found if finding.severity == "block"], post)

    def describe_source(self, rule: Rule) -> str:
        """Law and article, or platform rule and date, in the reader's language."""
        source = self.sources[rule.source]
        name = pick(source.zh, source.en)
        if source.article:
            name = f"{name} {source.article}"
        return f"{name} ({source.date})" if source.date else name


def _share_place(finding: Finding, other: Finding) -> bool:
    """Whether ``other`` blocks for the same reason in the same place."""
    return (
        other.severity == "block"
        and other.family == finding.family
        and other.field == finding.field
        and other.start < finding.end
        and finding.start < other.end
    )


def load_rules(user_root: Path | None = None, *, extra: Sequence[Path] = ()) -> RuleSet:
    """Shipped rules with those of the workspace at ``user_root`` and the files ``extra`` (a persona pack's).

    Raises InputError for an unknown key, an unbounded regular expression, or two rules of one id.
    """
    paths = [*extra, *list_data_files("rules", ".toml", user_root)]
    weights = find_weights(user_root)
    return _load(tuple((str(path), *_state(path)) for path in paths), (str(weights), *_state(weights)))


def _state(path: Path) -> tuple[int, int]:
    """When ``path`` was last changed, and its size; zeros for one that cannot be looked at (reading it says why)."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=8)
def _load(files: tuple[tuple[str, int, int], ...], weights: tuple[str, int, int]) -> RuleSet:
    """Files as they were at a moment: a run that reviews draft after draft compiles its rules once."""
    paths = [path for path, _changed_at, _size in files]
    rules = join_rules(zip(load_rule_files(list(map(Path, paths))), paths, strict=True))
    return replace(rules, weights_path=Path(weights[0]))


def pack_rules(pack_root: Path | None) -> tuple[Path, ...]:
    """The rule file of a persona pack (``rules.toml`` in its folder), if it has one; for ``extra`` of load_rules."""
    path = pack_root / "rules.toml" if pack_root is not None else None
    return (path,) if path is not None and path.is_file() else ()


def join_rules(files: Iterable[tuple[RuleFile, str]]) -> RuleSet:
    """The rules of ``files`` (each with the name to report it by) as one set."""
    rules: dict[str, tuple[Rule, str]] = {}
    sources: dict[str, Source] = {}
    sounds: dict[str, str] = {}
    lists: dict[str, tuple[Phrase, ...]] = {}
    commerce: list[str] = []
    spoken: list[str] = []
    adjustments: list[tuple[str, Adjustment, str]] = []
    for content, where in files:
        for name, source in content.source.items():
            sources.setdefault(name, source)
        for target, variants in content.sounds.items():
            for variant in variants:
                sounds.setdefault(variant, target)
        for name, terms in content.lists.items():
            lists[name] = lists.get(name, ()) + terms
        commerce.extend(content.commerce)
        spoken.extend(content.spoken)
        for rule in content.rule:
            if rule.id in rules:
                raise InputError(
                    _("two rules are called '{id}' (the other one is in {other})").format(
                        id=rule.id, other=rules[rule.id][1]
                    ),
                    where=where,
                    hint=_('rename yours, or change the other one with [adjust."{id}"]').format(id=rule.id),
                )
            rules[rule.id] = (rule, where)
        adjustments.extend((rule_id, change, where) for rule_id, change in content.adjust.items())
    for rule, where in rules.values():
        if rule.source not in sources:
            near = suggest(rule.source, sorted(sources))
            raise InputError(
                _("rule '{id}' names an unknown source '{source}'").format(id=rule.id, source=rule.source),
                where=where,
                hint=_("did you mean '{near}'?").format(near=near) if near else _("add it as [source.NAME]"),
            )
    in_force = {rule_id: _fill_lists(rule, lists, where) for rule_id, (rule, where) in rules.items()}
    silenced: dict[str, Rule] = {}
    # Earlier files are nearer to the person: their adjustment is applied last and wins.
    for rule_id, change, where in reversed(adjustments):
        members = [known for known, (rule, _where) in rules.items() if rule_id in (known, rule.family)]
        if not members:
            near = suggest(rule_id, sorted({*rules, *(rule.family for rule, _where in rules.values())}))
            raise InputError(
                _("no rule '{id}' to adjust").format(id=rule_id),
                where=where,
                hint=_("did you mean '{near}'?").format(near=near) if near else None,
            )
        for member in members:
            if change.severity == "off":
                if member in in_force:
                    silenced[member] = in_force.pop(member)
            elif member in in_force:
                in_force[member] = _fill_lists(_adjust(in_force[member], change), lists, where)
    return RuleSet(tuple(in_force.values()), sources, sounds, tuple(commerce), tuple(spoken), tuple(silenced.values()))


def _fill_lists(rule: Rule, lists: Mapping[str, tuple[Phrase, ...]], where: str) -> Rule:
    """``rule`` with the terms of the lists that it names by ``@name``."""

    def fill(terms: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
        filled: list[Phrase] = []
        for term in terms:
            if not term.startswith("@"):
                filled.append(term)
            elif term[1:] in lists:
                filled.extend(lists[term[1:]])
            else:
                near = suggest(term[1:], sorted(lists))
                raise InputError(
                    _("rule '{id}' names an unknown list '{name}'").format(id=rule.id, name=term),
                    where=where,
                    hint=_("did you mean '{near}'?").format(near=f"@{near}") if near else _("add it under [lists]"),
                )
        return tuple(filled)

    changed: dict[str, Any] = {}
    for name in LISTABLE:
        terms = getattr(rule, name)
        if any(term.startswith("@") for term in terms):
            changed[name] = fill(terms)
            if name != "terms":
                _check_contexts(changed[name], rule, where)
    if any(term.startswith("@") for part in rule.parts for term in part):
        changed["parts"] = tuple(map(fill, rule.parts))
    return rule.model_copy(update=changed) if changed else rule


def _check_contexts(patterns: Sequence[str], rule: Rule, where: str) -> None:
    """Words of a list are expressions where they stand in a context."""
    for pattern in patterns:
        try:
            check_bounded(pattern)
        except ValueError as error:
            raise InputError(
                _("rule '{id}': '{pattern}' of a list is no expression for a context: {error}").format(
                    id=rule.id, pattern=pattern, error=error
                ),
                where=where,
            ) from error


def _adjust(rule: Rule, change: Adjustment) -> Rule:
    update: dict[str, Any] = {
        "terms": rule.terms + change.terms,
        "unless_inside": rule.unless_inside + change.unless_inside,
        "unless_near": rule.unless_near + change.unless_near,
        "options": {**rule.options, **change.options},
    }
    if change.severity is not None:
        update |= {"severity": change.severity, "severity_in_ad": None, "severity_altered": None}
    return rule.model_copy(update=update)
