"""``persona``: who writes, in which voice, and what that person can back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli import persona_class, persona_new
from creator_kit.cli.options import JsonOption, TodayOption, WorkspaceOption, enter_workspace, find_root, resolve_today
from creator_kit.cli.output import print_json, say, show, show_table
from creator_kit.locale import _, pick

if TYPE_CHECKING:
    from creator_kit.persona import PackedPersona, Persona
    from creator_kit.persona.model import Fact

PackArgument = Annotated[str, typer.Argument(metavar="NAME|DIR", help=_("A pack's name, or its folder."))]


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    group = typer.Typer(no_args_is_help=True, help=_("Persona packs: who writes, in which voice, with which facts."))
    group.command("list", help=_("The packs that are here."))(list_packs)
    group.command("show", help=_("What a pack says."), epilog=_("Example: creator-kit persona show dorm-cook"))(
        show_pack
    )
    group.command(
        "check",
        help=_("Check a pack, say which first-person claims nothing backs, and run its own tests."),
        epilog=_("Example: creator-kit persona check ./my-persona"),
    )(check)
    group.command(
        "pack",
        help=_("Write a pack as one archive with a digest, to hand on."),
        epilog=_("Example: creator-kit persona pack ./my-persona --into dist"),
    )(pack)
    group.command(
        "install",
        help=_("Install an archive into this workspace; anything but a pack is refused."),
        epilog=_("Example: creator-kit persona install my-persona-1.0.0.zip --digest 3f9a1c0b77de"),
    )(install)
    group.command(
        "diff",
        help=_("What changed from one pack, or version of it, to another."),
        epilog=_("Example: creator-kit persona diff dorm-cook ./my-persona"),
    )(diff)
    for commands in (persona_new, persona_class):
        commands.add_commands(group)
    app.add_typer(group, name="persona")


def list_packs(as_json: JsonOption = False, folder: WorkspaceOption = None) -> None:
    from creator_kit.persona import list_personas, load_persona

    root = find_root(folder)
    packs = [load_persona(name, root) for name in list_personas(root)]
    if as_json:
        print_json("personas", {"personas": [_summary(pack) for pack in packs]})
        return
    show_table(
        [_("Pack"), _("Title"), _("Version"), (_("Facts"), "right"), (_("Tests"), "right"), _("Subjects")],
        [
            (
                pack.name,
                pack.label,
                pack.version,
                len(pack.facts),
                len(pack.tests),
                "、".join(pillar.name for pillar in pack.pillars),
            )
            for pack in packs
        ],
    )


def show_pack(name: PackArgument, as_json: JsonOption = False, folder: WorkspaceOption = None) -> None:
    from creator_kit.persona import load_persona

    pack = load_persona(name, find_root(folder))
    if as_json:
        print_json("persona", _full(pack))
        return
    show(_("{title} ({name}, version {version})").format(title=pack.label, name=pack.name, version=pack.version))
    show("")
    rows = _rows(pack)
    show_table([_("What"), _("The pack says")], [row for row in rows if row[1].strip(" ·")])
    if pack.facts:
        show("")
        show_table(
            [_("Fact"), _("The author can back"), _("Proof")],
            [(fact.id, fact.text, _tell_proof(fact)) for fact in pack.facts],
        )


def check(
    name: PackArgument, as_json: JsonOption = False, today: TodayOption = None, folder: WorkspaceOption = None
) -> None:
    from creator_kit.cover.pack_style import check_pack_style
    from creator_kit.drafting import Drafter, check_pack_names, run_pack_tests
    from creator_kit.mining import load_library
    from creator_kit.persona import check_pack, load_persona
    from creator_kit.review import load_rules

    root = find_root(folder)
    pack = load_persona(name, root)
    drafter = Drafter(pack, load_library(root), rules=load_rules(root, pack_root=pack.root), user_root=root)
    findings = [*check_pack(pack), *check_pack_names(drafter), *check_pack_style(pack, root)]
    results = run_pack_tests(drafter, today=resolve_today(today))
    if as_json:
        print_json(
            "persona_check",
            {
                "persona": pack.name,
                "findings": [{"where": f.where, "message": f.message, "text": f.text} for f in findings],
                "tests": [{"name": r.name, "passed": not r.failures, "failures": r.failures} for r in results],
            },
        )
    else:
        if findings:
            show_table([_("Where"), _("Finding"), _("Text")], [(f.where, f.message, f.text) for f in findings])
            show("")
        show_table(
            ["", _("Test"), _("Result")],
            [("✗" if r.failures else "✓", r.name, pick("；", "; ").join(r.failures) or r.title) for r in results],
        )
        n_failed = sum(bool(r.failures) for r in results)
        say(
            _("{name}: {findings} findings, {passed} of {n} tests passed").format(
                name=pack.name, findings=len(findings), passed=len(results) - n_failed, n=len(results)
            )
        )
    if findings or any(r.failures for r in results):
        raise typer.Exit(1)


def diff(
    old: PackArgument,
    new_pack: Annotated[str, typer.Argument(metavar="NAME|DIR", help=_("The pack to compare with."))],
    as_json: JsonOption = False,
    folder: WorkspaceOption = None,
) -> None:
    from creator_kit.persona import diff_personas, load_persona

    root = find_root(folder)
    changes = diff_personas(load_persona(old, root), load_persona(new_pack, root))
    if as_json:
        print_json("persona_diff", {"old": old, "new": new_pack, "changes": [asdict(item) for item in changes]})
        return
    if not changes:
        say(_("both say the same"))
        return
    marks = {"added": "+", "removed": "-", "changed": "~"}
    show_table(
        ["", _("Where"), _("Before"), _("After")],
        [(marks[item.kind], item.where, item.before, item.after) for item in changes],
    )


def pack(
    name: PackArgument,
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help=_("Folder of the archive."))] = Path(),
    as_json: JsonOption = False,
    folder: WorkspaceOption = None,
) -> None:
    from creator_kit.persona import load_persona, pack_persona

    packed = pack_persona(load_persona(name, find_root(folder)), into)
    _show_packed(packed, as_json=as_json)


def install(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help=_("The .zip that `persona pack` wrote."))],
    digest: Annotated[
        str | None, typer.Option("--digest", help=_("What the sender told; 12 characters of it are enough."))
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help=_("Take the place of a pack of that name."))] = False,
    as_json: JsonOption = False,
    folder: WorkspaceOption = None,
) -> None:
    from creator_kit.persona import install_persona

    with enter_workspace(folder) as workspace:
        packed = install_persona(archive, workspace.root, digest=digest, replace=replace)
    _show_packed(packed, as_json=as_json)
    say("  → " + _("next: creator-kit persona check {name}").format(name=packed.name))


def _show_packed(packed: PackedPersona, *, as_json: bool) -> None:
    if as_json:
        print_json(
            "persona_archive",
            {"path": packed.path, "name": packed.name, "version": packed.version, "digest": packed.digest},
        )
        return
    show_table(
        [_("What"), _("Value")],
        [(_("path"), packed.path), (_("version"), packed.version), (_("digest"), packed.digest)],
    )


def _rows(pack: Persona) -> list[tuple[str, str]]:
    voice, audience, cover, photo, commercial = pack.voice, pack.audience, pack.cover, pack.photo, pack.commercial
    learned = pack.learned
    return [
        (_("author"), "。".join(text for text in (pack.author.who, pack.author.background) if text)),
        (_("audience"), audience.who),
        (_("called"), "、".join(dict.fromkeys((*audience.words, *([voice.address] if voice.address else []))))),
        (_("looks for"), "、".join(audience.needs)),
        (_("subjects"), "、".join(pillar.name for pillar in pack.pillars)),
        (_("voice"), f"{voice.person} · {voice.register_} · {' '.join(voice.emoji)}"),
        (_("opening"), voice.openings[0].text),
        (_("closing"), voice.closings[0].text),
        (_("catchphrases"), " ".join(line.text for line in voice.catchphrases)),
        (_("never says"), "、".join(voice.forbidden)),
        (_("titles first"), "；".join(pack.templates.preferred)),
        (_("titles never"), "；".join(pack.templates.banned)),
        (_("cover"), " · ".join(x for x in (cover.layout, cover.palette, str(cover.weight), cover.watermark) if x)),
        (_("pictures"), "；".join(photo.shots)),
        (_("retouch"), photo.retouch),
        (_("brands"), "、".join(commercial.brands)),
        (_("never advertises"), "、".join(commercial.refused)),
        (_("disclosure"), commercial.disclosure),
        (_("notes per ad"), str(commercial.ordinary_notes_per_ad)),
        (_("guides"), "、".join(pack.guides)),
        (
            _("learned from"),
            _("{n} notes of the author's own").format(n=learned.n_notes) if learned is not None else "",
        ),
    ]


def _tell_proof(fact: Fact) -> str:
    from creator_kit.persona.model import PROOF_NAMES

    name = PROOF_NAMES[fact.proof]()
    return pick(f"{name}：{fact.proof_note}", f"{name}: {fact.proof_note}") if fact.proof_note else name


def _summary(pack: Persona) -> dict[str, Any]:
    return {
        "name": pack.name,
        "title": pack.title,
        "version": pack.version,
        "n_facts": len(pack.facts),
        "n_tests": len(pack.tests),
        "pillars": [pillar.name for pillar in pack.pillars],
    }


def _full(pack: Persona) -> dict[str, Any]:
    parts = ("author", "voice", "audience", "templates", "cover", "photo", "copywriting", "commercial")
    return {
        **_summary(pack),
        "facts": [fact.model_dump() for fact in pack.facts],
        "pillars": [pillar.model_dump() for pillar in pack.pillars],
        **{part: getattr(pack, part).model_dump(by_alias=True) for part in parts},
        "guides": pack.guides,
    }
