"""Hundreds of briefs: several workers, one line a brief in the order of the briefs, resumed after a kill."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import cached_property, partial
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from creator_kit import __version__
from creator_kit.datafiles import storage_error, write_text
from creator_kit.drafting.briefs import BriefFailure
from creator_kit.drafting.draft import SCHEMA_VERSION, Brief, Draft
from creator_kit.drafting.drafter import Drafter, DraftOptions
from creator_kit.errors import CreatorKitError, RefusedError
from creator_kit.locale import _
from creator_kit.mining import TitleTemplate
from creator_kit.persona import Persona
from creator_kit.workers import map_in_order
from creator_kit.workspace.lock import hold_alone


@dataclass(frozen=True)
class DrafterRecipe:
    """What a worker process needs to make its own Drafter.

    ``known`` are (id, title, body) of texts not to copy, ``corpus_tags`` tags in use with their numbers of notes.
    ``steps`` are done to each draft in the process that made it (a model rewords, a cover is drawn); they have to be
    picklable. ``model_note`` tells runs with a model from others when one is resumed.
    """

    persona: Persona
    templates: tuple[TitleTemplate, ...]
    options: DraftOptions = field(default_factory=DraftOptions)
    known: tuple[tuple[str, str, str], ...] = ()
    user_root: Path | None = None
    corpus_tags: tuple[tuple[str, int], ...] = ()
    steps: tuple[Callable[[Draft], Draft], ...] = ()
    model_note: str = ""

    @cached_property
    def drafter(self) -> Drafter:
        """A drafter with the review rules of ``user_root``."""
        from creator_kit.review import load_rules
        from creator_kit.review.originality import KnownTexts

        known = KnownTexts.of(self.known) if self.known else None
        return Drafter(
            self.persona,
            self.templates,
            options=self.options,
            rules=load_rules(self.user_root, pack_root=self.persona.root),
            known=known,
            user_root=self.user_root,
            corpus_tags=dict(self.corpus_tags),
        )

    def digest_inputs(self, today: date) -> str:
        """What every line of a batch depends on besides its brief: pack, templates, rules, corpus, model, day."""
        pack = [repr(getattr(self.persona, part.name)) for part in fields(self.persona) if part.name != "root"]
        parts = (__version__, self.drafter.inputs_digest, *pack, self.model_note)
        digest = blake2b("\0".join(parts).encode(), digest_size=8)
        digest.update(repr((self.known, [type(step).__name__ for step in self.steps])).encode())
        # Rules, frames and structures of the workspace's own, and the pack's rules.
        files = [self.persona.root / "rules.toml"]
        if self.user_root is not None:
            files += sorted((self.user_root / "templates").rglob("*"))
        for path in files:
            if path.is_file():
                digest.update(f"{path.name}\0".encode() + path.read_bytes())
        return f"{digest.hexdigest()} {today}"

    def draft(self, brief: Brief, *, today: date) -> Draft:
        """The draft of ``brief`` with every step done to it."""
        draft = self.drafter.draft(brief, today=today)
        for step in self.steps:
            draft = step(draft)
        return draft

    def __getstate__(self) -> dict[str, Any]:
        # The drafter itself holds compiled templates; each process makes its own.
        return {name: value for name, value in self.__dict__.items() if name != "drafter"}


@dataclass(frozen=True, slots=True)
class BatchLine:
    """The result of one brief; ``number`` counts from 1. Either ``draft`` or ``error`` is there."""

    number: int
    draft: Draft | None = None
    where: str = ""
    error: str = ""
    hint: str = ""

    def to_json(self) -> str:
        """One JSON object on one line, without its line end."""
        head: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        if self.draft is not None:
            head |= {"kind": "draft", "number": self.number, "draft": asdict(self.draft)}
        else:
            head |= {"kind": "failure", "number": self.number, "where": self.where, "error": self.error}
            head["hint"] = self.hint
        return json.dumps(head, ensure_ascii=False)


def draft_batch(
    recipe: DrafterRecipe,
    items: Iterable[Brief | BriefFailure],
    *,
    today: date,
    n_workers: int = 1,
    first_number: int = 1,
) -> Iterator[BatchLine]:
    """A line for each item, in order; the lines are the same whatever ``n_workers`` is. Reads ahead a little only."""
    numbered = enumerate(items, start=first_number)
    if n_workers <= 1:
        for item in numbered:
            yield _draft_item(recipe, today, item)
        return
    yield from map_in_order(_work, numbered, n_jobs=n_workers, prepare=partial(_start_worker, recipe, today))


_worker: tuple[DrafterRecipe, date] | None = None


def _start_worker(recipe: DrafterRecipe, today: date) -> None:
    global _worker
    _worker = (recipe, today)


def _work(item: tuple[int, Brief | BriefFailure]) -> BatchLine:
    assert _worker is not None
    return _draft_item(*_worker, item)


def _draft_item(recipe: DrafterRecipe, today: date, numbered: tuple[int, Brief | BriefFailure]) -> BatchLine:
    number, item = numbered
    if isinstance(item, BriefFailure):
        return _failure(number, item.error)
    try:
        return BatchLine(number, recipe.draft(item, today=today))
    except CreatorKitError as error:
        return _failure(number, error)


def _failure(number: int, error: CreatorKitError) -> BatchLine:
    return BatchLine(number, None, error.where or "", error.what.strip(), error.hint or "")


class BatchFile:
    """The file that a batch writes: ``<path>.part`` while it runs, ``path`` when all is there.

    The first line of the part names what the lines depend on, so that a later run goes on only where the same
    drafts would come; ``done`` are the lines that a killed run left whole.
    """

    def __init__(self, path: Path, inputs_digest: str) -> None:
        self.path, self.part = path, path.with_name(path.name + ".part")
        self._head = json.dumps({"inputs": inputs_digest})
        self.done: list[str] = self._read_done()

    def _read_done(self) -> list[str]:
        try:
            text = self.part.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise storage_error(error, self.part) from error
        whole = text.split("\n")[:-1]  # what follows the last line end was cut off
        return whole[1:] if whole and whole[0] == self._head else []

    def skip_done(self, items: Iterable[Brief | BriefFailure]) -> Iterator[Brief | BriefFailure]:
        """The items that are still to do. Raises RefusedError where the done ones were drafted from other briefs."""
        for number, item in enumerate(items, start=1):
            if number > len(self.done):
                yield item
            elif not _is_of(self.done[number - 1], item):
                raise RefusedError(
                    _("brief {number} is not the one that the interrupted run drafted").format(number=number),
                    where=str(self.part),
                    hint=_("delete that file to begin anew"),
                )

    @contextmanager
    def writing(self) -> Iterator[IO[str]]:
        """The part, open behind the done lines; on success it becomes ``path``, on failure it stays to be resumed.

        Raises RefusedError while another run writes it.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with hold_alone(self.part), self.part.open("w", encoding="utf-8", newline="\n") as stream:
                stream.write("\n".join([self._head, *self.done]) + "\n")
                stream.flush()
                yield stream
            lines = self.part.read_text(encoding="utf-8").split("\n", 1)[1]
            write_text(self.path, lines)
            self.part.unlink()
        except OSError as error:
            raise storage_error(error, self.path) from error


def _is_of(line: str, item: Brief | BriefFailure) -> bool:
    try:
        table = json.loads(line)
    except ValueError:
        return False
    if isinstance(item, BriefFailure):
        return bool(table.get("kind") == "failure")
    brief = json.loads(json.dumps(asdict(item)))
    return table.get("kind") == "failure" or bool(table.get("draft", {}).get("brief") == brief)
