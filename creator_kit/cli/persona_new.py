"""``persona new`` and ``learn``: a pack from answers, and the author's voice measured."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, WorkspaceOption, enter_workspace, find_root
from creator_kit.cli.output import print_json, say, show, show_table
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _, pick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from creator_kit.corpus import Note
    from creator_kit.persona import VoiceStats
    from creator_kit.persona.voice import Spread

PackArgument = Annotated[str, typer.Argument(metavar="NAME|DIR", help=_("A pack's name, or its folder."))]


def add_commands(group: typer.Typer) -> None:
    """Add this file's commands to the ``persona`` group."""
    group.command(
        "new",
        help=_("Make a pack: asked at a terminal, or from a file of answers in a script."),
        epilog=_("Example: creator-kit persona new my-persona --answers answers.toml"),
    )(new)
    group.command(
        "learn",
        help=_(
            "Measure the voice in your own notes (learned.toml): rates and lengths, with how many notes they rest on."
        ),
        epilog=_("Example: creator-kit persona learn my-persona"),
    )(learn)


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("Lower-case letters, digits, - and _."))],
    answers: Annotated[
        str | None, typer.Option("--answers", metavar="FILE|-", help=_("The answers as TOML; - reads stdin."))
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help=_("Folder of the pack; else the workspace's own packs.")),
    ] = None,
    as_json: JsonOption = False,
    folder: WorkspaceOption = None,
) -> None:
    from creator_kit.drafting import Drafter, check_pack_names
    from creator_kit.mining import load_library
    from creator_kit.persona import check_pack, create_persona, load_persona

    root = find_root(folder)
    where = into or (root / "templates" / "personas" if root is not None else Path())
    table, source = _read_answers(answers, root)
    made = create_persona(name, table, where, where=source)
    pack = load_persona(str(made))
    drafter = Drafter(pack, load_library(root), user_root=root)
    findings = [*check_pack(pack), *check_pack_names(drafter)]
    if as_json:
        print_json("persona", {"name": pack.name, "path": made, "findings": [asdict(item) for item in findings]})
    else:
        show_table([_("What"), _("Value")], [(_("Pack"), pack.name), (_("path"), made), (_("Facts"), len(pack.facts))])
        for item in findings:
            say("· " + pick("：", ": ").join((item.message, item.text)))
    say(
        "  → "
        + _("next: write your own sentences into persona.toml, then creator-kit persona check {name}").format(name=name)
    )


def _read_answers(source: str | None, root: Path | None) -> tuple[dict[str, Any], str]:
    import tomllib

    from creator_kit.datafiles import read_toml

    if source is not None and source != "-":
        return read_toml(Path(source)), source
    if source == "-":
        try:
            return tomllib.loads(sys.stdin.read()), "-"
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(_("not valid TOML: {error}").format(error=error), where="-") from error
    if not sys.stdin.isatty():
        raise UsageError(
            _("no terminal to ask at"), hint=_("give the answers as a file: --answers FILE (or - for stdin)")
        )
    return _ask(root), _("your answers")


def _ask(root: Path | None = None) -> dict[str, Any]:
    from creator_kit.drafting.lexicon import load_lexicon
    from creator_kit.persona import list_questions
    from creator_kit.persona.model import Proof
    from creator_kit.persona.questionnaire import split_answers

    table: dict[str, Any] = {}
    for question in list_questions():
        text = _prompt(question.text, question.default, question.choices)
        if question.many or question.field in ("openings", "closings"):
            items = split_answers(text) if question.many else [text] * (text not in ("", "-"))
            if items:
                table[question.field] = items
        elif text != "-":
            table[question.field] = text
    kinds = tuple(load_lexicon(root).kinds)
    table["pillars"] = []
    while not table["pillars"] or (text := _prompt(_("Another subject? (Enter: no)"), "")):
        text = _prompt(_("A subject of your account (一人食)"), None) if not table["pillars"] else text
        kind = _prompt(_("Its kind of life"), kinds[0], kinds)
        words = split_answers(_prompt(_("Words that show it (番茄, 炖, 煮)"), "-"))
        table["pillars"].append({"name": text, "kind": kind, "words": words})
    table["facts"] = []
    proofs: tuple[str, ...] = Proof.__args__  # type: ignore[attr-defined]
    while text := _prompt(_("Something that you can prove (Enter: that is all)"), ""):
        table["facts"].append({"text": text, "proof": _prompt(_("How can you prove it?"), "photo", proofs)})
    return table


def _prompt(text: str, default: str | None, choices: tuple[str, ...] = ()) -> str:
    question = f"{text} ({'/'.join(choices)})" if choices else text
    while True:
        shown = default not in ("", "-", None)
        try:
            answer = str(typer.prompt(question, default=default, show_default=shown, err=True)).strip()
        except typer.Abort:  # Ctrl-C or the end of the input: like everywhere else
            raise KeyboardInterrupt from None
        if not choices or answer in choices:
            return answer
        say(_("one of: {choices}").format(choices=", ".join(choices)))


def learn(
    name: PackArgument,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE", help=_("Notes of the author (JSON lines or an export); else the corpus's own.")
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show the figures and write nothing."))] = False,
    as_json: JsonOption = False,
    folder: WorkspaceOption = None,
) -> None:
    from creator_kit.paths import find_shipped_dir
    from creator_kit.persona import load_persona, measure_voice, save_voice
    from creator_kit.persona.voice import describe_notes

    root = find_root(folder)
    pack = load_persona(name, root)
    if not dry_run and pack.root.resolve().is_relative_to(find_shipped_dir("templates").resolve()):
        raise UsageError(
            _("'{name}' is a shipped pack; what it learned would be lost with the next version").format(name=pack.name),
            hint=_("make one of your own (creator-kit persona new NAME), or look only: --dry-run"),
        )
    if source is None and root is None:
        raise UsageError(_("no workspace here, so no notes of your own"), hint=_("name a file: --from FILE"))
    stats = measure_voice(_read_notes(source) if source is not None else _own_notes(folder))
    path = None if dry_run else save_voice(stats, pack.root)
    if as_json:
        print_json("voice", {"persona": pack.name, "path": path, **stats.model_dump(mode="json")})
    else:
        _show_voice(stats)
    say(describe_notes(stats))
    if path is not None:
        say(_("written to {path}").format(path=path))


def _own_notes(folder: Path | None) -> Iterator[Note]:
    from creator_kit.corpus.store import iter_notes

    with enter_workspace(folder) as workspace:
        yield from iter_notes(workspace, own=True)


def _read_notes(path: Path) -> Iterator[Note]:
    from creator_kit.corpus import Note
    from creator_kit.corpus.readers import open_export
    from creator_kit.corpus.reading import ReadOptions

    # Nothing of the notes is kept, so any key will do for their names.
    for row in open_export(path, ReadOptions(hash_key=b"only to read with")).rows():
        if isinstance(row, Note):
            yield row


def _show_voice(stats: VoiceStats) -> None:
    quantities = (
        (_("title, units"), stats.title_units),
        (_("body, characters"), stats.body_characters),
        (_("sentence, characters"), stats.sentence_characters),
        (_("lines of a body"), stats.body_lines),
        (_("emoji in 100 characters"), stats.emoji_per_100_characters),
        (_("topics"), stats.n_tags),
    )
    show_table(
        [_("Habit"), ("P10", "right"), ("P50", "right"), ("P90", "right"), (_("Notes"), "right")],
        [(name, f"{s.p10:g}", f"{s.p50:g}", f"{s.p90:g}", _count(s)) for name, s in quantities if s is not None],
    )
    names = _mark_names()
    if not stats.n_titles:
        return
    rates = sorted(stats.title_mark_rates.items(), key=lambda item: (-item[1], item[0]))
    show("")
    show_table(
        [_("In {n} titles").format(n=stats.n_titles), (_("Share"), "right")],
        [(names.get(name, name), pick(f"{rate:.0%}", f"{100 * rate:.0f} %")) for name, rate in rates if rate > 0],
    )
    texts = [(_("emoji of titles"), " ".join(stats.title_emoji)), (_("keeps saying"), "、".join(stats.phrases))]
    if any(text for _name, text in texts):
        show("")
        show_table([_("What"), _("Often")], [row for row in texts if row[1]])


def _count(spread: Spread) -> str:
    """How many notes stand behind a figure, marked where they are few."""
    return _("{n}, few").format(n=spread.n) if spread.is_few else str(spread.n)


def _mark_names() -> dict[str, str]:
    return {
        "comma": _("comma"),
        "space": _("blank between words"),
        "bar": _("bar ｜"),
        "shout": _("exclamation mark"),
        "ask": _("question mark"),
        "colon": _("colon"),
        "bracket": _("brackets"),
        "wave": _("wave ～"),
        "dots": _("dots …"),
        "particle": _("closing particle"),
        "digit": _("figure"),
        "first_person": _("我"),
        "address": _("addresses the reader"),
        "emoji": _("emoji"),
    }
