"""What lies on the editor's desk: the rules, the persona's facts, the plan, and the notes that none may repeat."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from creator_kit.errors import InputError

if TYPE_CHECKING:
    from creator_kit.drafting.draft import Draft
    from creator_kit.persona import Persona
    from creator_kit.review import Finding, PostText
    from creator_kit.review.inputs import Source
    from creator_kit.review.originality import KnownTexts
    from creator_kit.review.rules import RuleSet
    from creator_kit.workspace import Workspace

# So many notes are read together; the findings of the first show after so many.
_BATCH_SIZE = 64


class Desk:
    """Checks note after note with the rules of the workspace and of the pack that each belongs to."""

    def __init__(
        self, workspace: Workspace | None, rule_files: Sequence[Path], persona_name: str | None, now: datetime
    ) -> None:
        self._workspace = workspace
        self._rule_files = tuple(rule_files)
        self._root = workspace.root if workspace else None
        self._persona_name = persona_name
        self._now = now
        self._rules: dict[str | None, RuleSet] = {}
        self._personas: dict[str, Persona] = {}
        self._known: KnownTexts | None = None

    def persona(self, name: str | None) -> Persona | None:
        from creator_kit.persona import load_persona

        if not name:
            return None
        if name not in self._personas:
            self._personas[name] = load_persona(name, self._root)
        return self._personas[name]

    def rules(self, name: str | None) -> RuleSet:
        """The rules with those of the pack ``name`` (None: of ``--persona``)."""
        from creator_kit.review import load_rules

        name = name or self._persona_name
        if name not in self._rules:
            persona = self.persona(name)
            pack_root = persona.root if persona else None
            self._rules[name] = load_rules(self._root, extra=self._rule_files, pack_root=pack_root)
        return self._rules[name]

    @cached_property
    def _slots(self) -> Mapping[str, datetime]:
        """When each draft of the plan is to be posted."""
        if self._workspace is None:
            return {}
        from creator_kit.planning.slot import load_slots

        slots = load_slots(self._workspace)
        return {slot.ref: slot.starts_at for slot in slots if slot.kind == "draft" and slot.state == "planned"}

    def know(self, sources: Sequence[Source], against: Sequence[Path]) -> None:
        """Hold each note against the others of the batch, the other drafts of the workspace, its corpus and
        ``against``."""
        from creator_kit.review.inputs import read_sources

        posts = [source.post for source in sources]
        n_own = len(posts)
        posts += [source.post for path in against for source in read_sources(path)]
        names = {post.name for post in posts[:n_own]}
        posts += [post for post in self._drafts() if post.name not in names]
        # A posted note that was imported from its export before is not a repetition of itself.
        posted = {(source.post.title, source.published_at[:10]) for source in sources if source.is_published}
        texts = chain(((post.name, post.title, post.body) for post in posts), self._corpus(posted))
        first = list(islice(texts, 2))
        if len(first) > 1:
            from creator_kit.review.originality import KnownTexts

            self._known = KnownTexts.of(chain(first, texts))

    def _drafts(self) -> Iterator[PostText]:
        if self._workspace is None:
            return
        import msgspec

        from creator_kit.review.documents import parse_document

        for document in self._workspace.list_drafts():
            try:
                yield parse_document(msgspec.json.decode(document.encode()), where="draft")
            except InputError:
                continue  # a draft without a word repeats nobody

    def _corpus(self, posted: Container[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
        """(how a person finds it, title, body) of the notes in the workspace's corpus."""
        if self._workspace is None:
            return
        from creator_kit.corpus.store import iter_notes

        for note in iter_notes(self._workspace):
            day = (note.published_at or "")[:10]
            if (note.title or note.body) and (note.title, day) not in posted:
                called = (note.title or note.body)[:20].replace("\n", " ")
                yield f"{day} {called}".strip(), note.title, note.body

    def check(self, at: int, source: Source) -> tuple[Source, list[Finding]]:
        """``source``, the note at ``at``, with the lines of its own cover, and the findings in it. A draft is also
        held against its brief, its persona's facts and its place in the plan."""
        return next(self.check_all([source], at))

    def check_all(self, sources: Sequence[Source], first: int = 0) -> Iterator[tuple[Source, list[Finding]]]:
        """``sources``, the notes from ``first`` on, as ``check`` gives each, in order. Some are read together, at a
        fraction of the cost."""
        for begin in range(0, len(sources), _BATCH_SIZE):
            batch = list(enumerate(sources[begin : begin + _BATCH_SIZE], first + begin))
            drafts = {at: draft for at, source in batch if (draft := _read_draft(source)) is not None}
            found = self._check_texts([(at, source.post) for at, source in batch if at not in drafts])
            for at, source in batch:
                if at in drafts:
                    source, findings = self._check_draft(source, drafts[at], self._others(at))
                else:
                    findings = next(found)
                if source.is_published:
                    findings = [finding for finding in findings if finding.family != "limits"]
                yield source, findings

    def _others(self, at: int) -> KnownTexts | None:
        return self._known.others(at) if self._known is not None else None

    def _check_texts(self, posts: Sequence[tuple[int, PostText]]) -> Iterator[list[Finding]]:
        """The findings in notes that are no drafts."""
        if not posts:
            return iter(())
        persona = self.persona(self._persona_name)
        facts = [fact.text for fact in persona.facts] if persona else None
        read = [replace(post, reviewed_at=self._now) for _at, post in posts]
        known = [self._others(at) for at, _post in posts]
        if len(read) == 1:  # alone it is cheaper so
            return iter([self.rules(None).check(read[0], facts=facts, known=known[0])])
        return iter(self.rules(None).check_all(read, facts=facts, known=known))

    def _check_draft(self, source: Source, draft: Draft, known: KnownTexts | None) -> tuple[Source, list[Finding]]:
        from creator_kit.cover.from_draft import list_cover_lines
        from creator_kit.drafting import review_draft
        from creator_kit.review import PostText, check_post

        post = source.post
        name = draft.persona or self._persona_name
        rules = self.rules(name)
        changed = replace(draft, title=post.title, body=post.body, tags=post.tags)
        findings = review_draft(changed, self.persona(name), rules, known)
        # The draft's own texts were read above; here only what its cover shows and when it is planned.
        lines = post.cover_texts or (list_cover_lines(draft) if draft.images else ())
        scheduled_at = post.scheduled_at or self._slots.get(source.draft_id)
        beside = PostText(
            "",
            "",
            cover_texts=lines,
            sponsored=post.sponsored,
            scheduled_at=scheduled_at,
            reviewed_at=self._now,
        )
        shown = [each for each in check_post(beside, rules) if each.field == "cover" or each.family == "limits"]
        # The cover is drawn from the brief: a word on it is replaced there, and the cover drawn again.
        shown = [replace(each, fix=None) if each.field == "cover" else each for each in shown]
        if scheduled_at is not None and scheduled_at > self._now + timedelta(days=1):
            # A plan goes farther ahead than the app: the day comes on which it takes it.
            shown = [replace(each, severity="advise") if each.family == "limits" else each for each in shown]
        return replace(source, post=replace(post, cover_texts=lines)), [*shown, *findings]


def _read_draft(source: Source) -> Draft | None:
    """The draft that ``source`` is: of the store, or of a batch file."""
    if source.row is None or not {"draft_id", "brief", "titles"} <= source.row.keys():
        return None
    import msgspec

    from creator_kit.drafting import draft_from_json

    try:
        return draft_from_json(msgspec.json.encode(source.row).decode())
    except InputError:
        return None  # a text that something else saved: no brief to hold it to


def save_fixed(workspace: Workspace, source: Source, fixed: PostText) -> None:
    """Write ``fixed`` into the draft of the store that ``source`` is; what forbids posting it is looked at again."""
    import msgspec

    draft = _read_draft(source)
    if draft is None:
        row = msgspec.json.decode(workspace.load_draft(source.draft_id).encode())
        row |= {"title": fixed.title, "body": fixed.body, "tags": list(fixed.tags)}
        document = msgspec.json.encode(row).decode()
        topic, created_on = row.get("topic", ""), row.get("created_on", "")
    else:
        from creator_kit.drafting import describe_blocks, draft_to_json, review_draft
        from creator_kit.persona import load_persona
        from creator_kit.review import load_rules

        persona = load_persona(draft.persona, workspace.root) if draft.persona else None
        rules = load_rules(workspace.root, pack_root=persona.root if persona else None)
        titles = tuple(replace(item, title=fixed.title) if item.title == draft.title else item for item in draft.titles)
        draft = replace(draft, title=fixed.title, body=fixed.body, tags=fixed.tags, titles=titles)
        draft = replace(draft, blocked=describe_blocks(review_draft(draft, persona, rules)))
        document, topic, created_on = draft_to_json(draft), draft.topic, draft.created_on
    workspace.save_draft(source.draft_id, topic=topic, created_on=created_on, document=document)
