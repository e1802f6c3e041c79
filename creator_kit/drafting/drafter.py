"""A brief, a persona and templates in; a draft out, with a reason and a source for each part."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from creator_kit.drafting.bodies import Body, choose_shape, is_pitfalls, warns_only, write_body
from creator_kit.drafting.draft import MISSING_CLOSE, MISSING_OPEN, SCHEMA_VERSION, Brief, Draft, SlotFill
from creator_kit.drafting.facts import backing, brief_text
from creator_kit.drafting.fluency import Fluency, load_fluency
from creator_kit.drafting.forms import Form, is_neutral
from creator_kit.drafting.gates import describe_blocks, review_draft
from creator_kit.drafting.grammar import is_event, teaches
from creator_kit.drafting.lexicon import Lexicon, find_subject, infer_kind, load_frames, load_lexicon, match_pillars
from creator_kit.drafting.ranking import Ranked, choose_titles, describe, rank_titles
from creator_kit.drafting.structures import SHAPES, Structure, load_structures
from creator_kit.drafting.tags import choose_tags
from creator_kit.drafting.titles import Filled, TitleTask, fill_titles, is_traced
from creator_kit.drafting.words import STRESSED_TOPIC, collect_words, find_form
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _
from creator_kit.mining import TitleTemplate
from creator_kit.mining.body_library import load_shapes, suggest_structure
from creator_kit.mining.title_scorer import load_scorer
from creator_kit.persona import Persona
from creator_kit.review import PostText, check_post
from creator_kit.workers import without_gc

if TYPE_CHECKING:
    from creator_kit.review.originality import KnownTexts
    from creator_kit.review.rules import RuleSet

MAX_TITLES = 50
MAX_LISTED_TAGS = 40
# A title that shares this much of its own words with a known one is a copy of it.
MAX_COPIED_RATE = 0.75
_MISSING = re.compile(re.escape(MISSING_OPEN) + "(.*?)" + re.escape(MISSING_CLOSE))


@dataclass(frozen=True, slots=True)
class DraftOptions:
    """``shape`` forces a body's shape (list, steps, diary, pitfalls, qa); "" lets the brief decide.

    ``use_frames`` adds the title frames that ship with drafting to the templates given.
    """

    n_titles: int = 5
    seed: int = 0
    shape: str = ""
    use_frames: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.n_titles <= MAX_TITLES:
            raise UsageError(_("a draft has 1 to {n} titles").format(n=MAX_TITLES))
        if self.shape and self.shape not in SHAPES:
            raise UsageError(
                _("'{shape}' is not a shape; shapes are {known}").format(shape=self.shape, known=", ".join(SHAPES))
            )


class Drafter:
    """Writes drafts for one persona with one set of templates; ready once, then some hundred drafts a second.

    ``known`` holds the titles of the corpus and of earlier drafts, which no title may copy, and the corpus's bodies,
    which review holds against the draft's. ``corpus_tags`` are tags in use with their numbers of notes.
    ``rules`` None leaves the review out (for tests of one part).
    """

    def __init__(
        self,
        persona: Persona,
        templates: Sequence[TitleTemplate],
        *,
        options: DraftOptions = DraftOptions(),
        rules: RuleSet | None = None,
        known: KnownTexts | None = None,
        user_root: Path | None = None,
        corpus_tags: Mapping[str, int] | None = None,
    ) -> None:
        self.persona, self.templates, self.options = persona, tuple(templates), options
        self.rules, self.known, self.user_root = rules, known, user_root
        self.corpus_tags = dict(corpus_tags or {})
        self._suiting_forms: dict[tuple[str, str], list[Form]] = {}
        self._fixed_parts: dict[int, tuple[float, bool]] = {}

    @cached_property
    def lexicon(self) -> Lexicon:
        return load_lexicon(self.user_root)

    @cached_property
    def fluency(self) -> Fluency:
        return load_fluency(self.user_root)

    @cached_property
    def habits(self) -> Callable[[str], float] | None:
        """How this author's titles differ from everybody's, where `persona learn` measured it."""
        return self.fluency.measure_habits(self.persona.learned)

    @cached_property
    def heat(self) -> Callable[[str], float] | None:
        """How hot the workspace's corpus makes a title, where `mine` found that this can be told."""
        scorer = load_scorer(self.user_root)
        return scorer.standardise if scorer is not None and scorer.is_useful else None

    @cached_property
    def usual_shape(self) -> str:
        """The shape of a body that a brief leaves open: what `mine` found to do reliably better, else a list."""
        return suggest_structure(load_shapes(self.user_root)) or "list"

    @cached_property
    def structures(self) -> dict[str, Structure]:
        return load_structures(self.user_root)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        banned = set(self.persona.templates.banned)
        frames = load_frames(self.user_root) if self.options.use_frames else ()
        by_skeleton = {frame.template.skeleton: frame for frame in frames}
        # A library's template that is also one of our frames keeps its figures and takes the frame's conditions.
        forms = [Form(template, by_skeleton.pop(template.skeleton, None)) for template in self.templates]
        forms += [Form(frame.template, frame) for frame in by_skeleton.values()]
        return tuple(form for form in forms if not {form.template.template_id, form.template.skeleton} & banned)

    @cached_property
    def backing(self) -> str:
        return backing(self.persona, lines=False)

    @cached_property
    def inputs_digest(self) -> str:
        """What all drafts of this drafter depend on besides their briefs."""
        parts = [self.persona.name, self.persona.version, repr(self.options)]
        parts += [f"{form.template.template_id} {form.template.skeleton} {form.template.tier}" for form in self.forms]
        parts += [repr((self.persona.facts, self.persona.lines, self.persona.learned, self.corpus_tags))]
        scorer = load_scorer(self.user_root)
        if scorer is not None and scorer.is_useful:
            parts.append(f"{scorer.fitted_on} {scorer.middle} {scorer.spread} {scorer.card}")
        if self.usual_shape != "list":
            parts.append(f"usual shape {self.usual_shape}")
        return blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()

    def draft(self, brief: Brief, *, today: date) -> Draft:
        """The draft of ``brief``. Raises InputError for a brief without a topic."""
        if not brief.topic.strip():
            raise InputError(_("a brief needs a topic"))
        persona, options = self.persona, self.options
        kind = infer_kind(brief, persona, self.lexicon)
        subject = find_subject(brief, kind, self.lexicon)
        words = collect_words(brief, persona, kind, self.lexicon)
        topics = [word.text for word in words.get("topic", ()) if word.source != STRESSED_TOPIC]
        emoji = self._emoji(brief)
        task = TitleTask(
            brief,
            words,
            kind,
            self.lexicon,
            self._title_emoji(brief, emoji),
            holds=_what_it_holds(brief, self.lexicon),
            subject=subject,
            register=persona.voice.register_,
            palette=frozenset((*emoji, *persona.voice.emoji)),
        )
        with without_gc():  # hundreds of candidates, of which a handful stays
            titles = self._titles(task)
        tags = choose_tags(brief, persona, kind, self.lexicon, topics, self.corpus_tags, subject=subject)
        audience = next((word.text for word in words.get("audience", ())), "")
        body = self._body(brief, kind, subject, emoji, tags, audience, topics)
        title = titles[0].filled.title if titles else f"{MISSING_OPEN}标题，20字以内{MISSING_CLOSE}"
        remarks = self._remarks(brief, kind, titles, body)
        post = PostText(title, body.text, tuple(tag.text for tag in tags))
        draft = Draft(
            draft_id=self._draft_id(brief, today),
            topic=brief.topic,
            persona=persona.name,
            created_on=today.isoformat(),
            title=title,
            body=body.text,
            tags=post.tags,
            titles=tuple(describe(item) for item in titles),
            brief=brief,
            body_template=body.structure,
            body_fills=(*body.fills, *tags),
            missing=tuple(_MISSING.findall(f"{title}\n{body.text}")),
            sponsored=bool(brief.sponsor),
            seed=options.seed,
            kind=kind,
            left_out=body.left_out,
            remarks=tuple(remarks),
            own_lines=body.own_lines,
        )
        return replace(draft, blocked=describe_blocks(review_draft(draft, persona, self.rules, self.known)))

    def with_options(self, options: DraftOptions) -> Drafter:
        """A drafter of the same persona, templates and corpus with other options."""
        return Drafter(
            self.persona,
            self.templates,
            options=options,
            rules=self.rules,
            known=self.known,
            user_root=self.user_root,
            corpus_tags=self.corpus_tags,
        )

    def list_tags(self, brief: Brief) -> tuple[SlotFill, ...]:
        """All topics that would suit ``brief``, more than a note may carry, best first."""
        kind = infer_kind(brief, self.persona, self.lexicon)
        words = collect_words(brief, self.persona, kind, self.lexicon)
        topics = [word.text for word in words.get("topic", ()) if word.source != STRESSED_TOPIC]
        subject = find_subject(brief, kind, self.lexicon)
        return choose_tags(
            brief,
            self.persona,
            kind,
            self.lexicon,
            topics,
            self.corpus_tags,
            limit=MAX_LISTED_TAGS,
            subject=subject,
        )

    def _titles(self, task: TitleTask) -> list[Ranked]:
        options = self.options
        # Chance differs by brief too: a batch whose notes all begin with one frame reads like a machine's.
        salt = f"{options.seed}\0{task.brief.topic}"

        def accept(item: Ranked) -> bool:
            return self._is_allowed(item.filled, task.brief)

        forms = self._suiting(task.kind, task.subject)
        ranked = self._rank(fill_titles(forms, task), salt)
        chosen = choose_titles(ranked, options.n_titles, accept=accept)
        if len(chosen) < min(3, options.n_titles):
            # Too few titles say something whole: offer some whose fact the person has to add.
            gaps = self._rank(fill_titles(forms, task, may_miss=True), salt)
            n_more = min(3, options.n_titles) - len(chosen)
            chosen += choose_titles(gaps, n_more, accept=accept)
        return chosen

    def _suiting(self, kind: str, subject: str) -> list[Form]:
        """The forms for notes of that kind and subject, those that promise most first (of equals ours: they fit)."""
        if (kind, subject) not in self._suiting_forms:
            register = self.persona.voice.register_
            preferred = set(self.persona.templates.preferred)
            self._suiting_forms[kind, subject] = sorted(
                (form for form in self.forms if form.suits(self.lexicon, kind, subject, register)),
                key=lambda form: (
                    not {form.template.template_id, form.template.skeleton} & preferred,
                    ("reliable", "promising").index(form.template.tier) if form.template.tier != "common" else 2,
                    form.frame is None,
                    -form.template.support,
                ),
            )
        return self._suiting_forms[kind, subject]

    def _rank(self, filled: Iterable[Filled], salt: str) -> list[Ranked]:
        return rank_titles(
            filled,
            self.persona,
            salt=salt,
            fluency=self.fluency.score_pieces,
            habits=self.habits,
            heat=self.heat,
            fixed=self._fixed_parts,
        )

    def _is_allowed(self, filled: Filled, brief: Brief) -> bool:
        """The dearer gates, for titles about to be chosen: the pack's words, facts, rules and known titles."""
        if any(word in filled.title for word in self.persona.voice.forbidden):
            return False
        if not is_traced(filled.title, brief, f"{brief_text(brief)}\n{self.backing}"):
            return False
        if self.rules is not None:
            findings = check_post(PostText(filled.title, "", sponsored=bool(brief.sponsor)), self.rules)
            if any(
                item.severity == "block" and item.field == "title" and item.family != "missing" for item in findings
            ):
                return False
        if self.known is not None and len(self.known):
            frame = [part for part in filled.template.parts if isinstance(part, str)]
            overlap = self.known.find_title(filled.title, frame, min_rate=MAX_COPIED_RATE)
            # The topic alone is nobody's sentence.
            if overlap is not None and len(filled.words) > 1:
                return False
        return True

    def _body(
        self,
        brief: Brief,
        kind: str,
        subject: str,
        emoji: Sequence[str],
        tags: Sequence[SlotFill],
        audience: str,
        topics: Sequence[str],
    ) -> Body:
        shape = self.options.shape or choose_shape(brief, kind, self.usual_shape)
        fitting = [
            structure
            for _name, structure in sorted(self.structures.items())
            if structure.shape == shape and (not structure.kinds or kind in structure.kinds)
        ]
        if not fitting:
            raise InputError(_("no body structure gives the shape '{shape}'").format(shape=shape))
        structure = fitting[self.options.seed % len(fitting)]
        return write_body(
            brief,
            self.persona,
            structure,
            kind=kind,
            subject=subject,
            seed=self.options.seed,
            emoji=emoji,
            tags_text=" ".join(f"#{tag.text}" for tag in tags),
            audience=audience,
            short_topic=topics[0] if topics else brief.topic,
        )

    def _emoji(self, brief: Brief) -> list[str]:
        """Marks for what the topic names, longest word first, then the palette's first."""
        voice = self.persona.voice
        said = brief.topic + brief.scenario
        named = sorted((word for word in voice.emoji_words if word in said), key=lambda word: (-len(word), word))
        return list(dict.fromkeys(voice.emoji_words[word] for word in named))

    def _title_emoji(self, brief: Brief, named: Sequence[str]) -> list[str]:
        """The topic's own marks; else one of those that the author's titles were seen with, neutral ones only."""
        learned = self.persona.learned
        own = [mark for mark in learned.title_emoji if is_neutral(mark)] if learned is not None else []
        if named or not own:
            return list(named)
        digest = blake2b(f"{self.options.seed}\0{brief.topic}".encode(), digest_size=4).digest()
        # The marks stand in the order of their use: the first are drawn more often, as the author does.
        drawn = int.from_bytes(digest, "big") / 2**32
        return [own[int(len(own) * drawn * drawn)]]

    def _remarks(self, brief: Brief, kind: str, titles: Sequence[Ranked], body: Body) -> list[str]:
        remarks = []
        if not titles:
            remarks.append(_("no title may be posted with this topic, or none fits it: name it in other words"))
        elif len(titles) < self.options.n_titles:
            remarks.append(
                _("fewer titles than asked for: the others read badly; more points, numbers or prices give more")
            )
        if self.persona.pillars and not match_pillars(brief, self.persona, kind):
            remarks.append(
                _("the topic lies outside this persona's subjects ({names}), so its facts were not used").format(
                    names="、".join(pillar.name for pillar in self.persona.pillars)
                )
            )
        if self.persona.audience.needs and MISSING_OPEN in body.text:
            remarks.append(_("these readers look for: {needs}").format(needs="、".join(self.persona.audience.needs)))
        if body.left_out:
            remarks.append(_("{n} points did not fit into 1,000 characters").format(n=len(body.left_out)))
        return remarks

    def _draft_id(self, brief: Brief, today: date) -> str:
        content = json.dumps(
            [SCHEMA_VERSION, asdict(brief), today.isoformat(), self.inputs_digest], ensure_ascii=False, sort_keys=True
        )
        return "d" + blake2b(content.encode(), digest_size=5).hexdigest()


def _what_it_holds(brief: Brief, lexicon: Lexicon) -> frozenset[str]:
    has_place = any(place in brief.topic for place in brief.places)
    holds = {
        "steps": bool(brief.steps),
        "points": len(brief.points) >= 3,
        "pitfalls": is_pitfalls(brief),
        "only_pitfalls": warns_only(brief),
        "place_in_topic": has_place,
        "no_place_in_topic": not has_place,
        "advice": teaches(brief.points, is_named=False),
        "event": is_event(brief.topic, find_form(brief.topic, lexicon), lexicon.acts),
    }
    return frozenset(name for name, is_there in holds.items() if is_there)


def make_draft(
    brief: Brief,
    persona: Persona,
    templates: Sequence[TitleTemplate],
    *,
    options: DraftOptions = DraftOptions(),
    today: date,
    rules: RuleSet | None = None,
    known_titles: Sequence[str] = (),
    user_root: Path | None = None,
) -> Draft:
    """One draft. For many, make a ``Drafter`` once.

    ``templates`` come from ``mining.load_library``; drafting's own frames are added unless the options say no.
    ``known_titles`` are titles of the corpus that none may copy. The same arguments give the same bytes.
    """
    known = None
    if known_titles:
        from creator_kit.review.originality import KnownTexts

        known = KnownTexts.of((str(index), title, "") for index, title in enumerate(known_titles))
    drafter = Drafter(persona, templates, options=options, rules=rules, known=known, user_root=user_root)
    return drafter.draft(brief, today=today)
