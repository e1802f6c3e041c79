"""``templates``: the libraries of titles and bodies listed, shown, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, LimitOption, WorkspaceOption, find_root
from creator_kit.cli.output import print_json, say, show, show_table
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _, current_language

if TYPE_CHECKING:
    from creator_kit.mining import TitleTemplate
    from creator_kit.mining.bodies import BodyShape
    from creator_kit.mining.library_diff import Figures, LibraryChange


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    templates = typer.Typer(no_args_is_help=True, help=_("Title templates: yours first, then the shipped ones."))
    templates.command(
        "list",
        help=_("List the title templates: id, skeleton, support, authors, tier and lift."),
        epilog=_("Example: creator-kit templates list --tier reliable"),
    )(list_templates)
    templates.command(
        "show",
        help=_("Show one template: its slots with what authors put there, its figures and where they come from."),
        epilog=_("Example: creator-kit templates show t-1a2b3c4d"),
    )(show_template)
    templates.command(
        "diff",
        help=_("Compare two libraries, files or folders: what is new, gone, rose or fell."),
        epilog=_("Example: creator-kit templates diff old/templates templates"),
    )(diff_templates)
    app.add_typer(templates, name="templates")


def list_templates(
    tier: Annotated[
        str | None, typer.Option("--tier", help=_("Only this tier: reliable, promising, common or avoided."))
    ] = None,
    kind: Annotated[str, typer.Option("--kind", help=_("title, or body for mined shapes of bodies."))] = "title",
    limit: LimitOption = 0,
    as_json: JsonOption = False,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.mining import load_library
    from creator_kit.mining.title_library import TIER_ORDER

    if tier is not None and tier not in TIER_ORDER:
        raise UsageError(
            _("'{tier}' is no tier").format(tier=tier),
            where="--tier",
            hint=_("one of: {tiers}").format(tiers=", ".join(TIER_ORDER)),
        )
    if kind not in ("title", "body"):
        raise UsageError(
            _("'{kind}' is no kind of template").format(kind=kind),
            where="--kind",
            hint=_("one of: {kinds}").format(kinds="title, body"),
        )
    root = find_root(workspace_dir)
    if kind == "body":
        from creator_kit.mining.body_library import load_shapes

        shapes = [shape for shape in load_shapes(root) if tier in (None, shape.tier)]
        if as_json:
            print_json("body_shapes", {"shapes": [asdict(shape) for shape in shapes]})
        elif shapes:
            show_shapes(shapes, limit)
        else:
            say(_("no template of this kind"))
        return
    found = [template for template in load_library(root) if tier in (None, template.tier)]
    if as_json:
        print_json("title_templates", {"templates": [describe_template(template) for template in found]})
        return
    if not found:
        say(_("no template of this kind"))
        return
    show_title_templates(found, limit)


def show_template(
    template_id: Annotated[str, typer.Argument(metavar="ID", help=_("The template's id, or its beginning."))],
    as_json: JsonOption = False,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.mining import load_library
    from creator_kit.mining.reliability import describe_need
    from creator_kit.mining.wording import format_lift, name_tier

    templates = load_library(find_root(workspace_dir))
    found = [template for template in templates if template.template_id == template_id] or [
        template for template in templates if template.template_id.startswith(template_id)
    ]
    if len(found) != 1:
        what = (
            _("no template '{id}'").format(id=template_id)
            if not found
            else _("'{id}' begins several ids: {ids}").format(
                id=template_id, ids=", ".join(template.template_id for template in found[:8])
            )
        )
        raise InputError(what, hint=_("`creator-kit templates list` shows them"))
    template = found[0]
    if as_json:
        print_json("title_template", describe_template(template))
        return
    show(f"{template.template_id}  {_skeleton(template)}")
    if template.origin == "authored":
        show(_("written by us, not mined: no figures"))
    else:
        show(
            _("{n_notes} notes, {n_authors} authors; {tier}; lift {lift}").format(
                n_notes=template.support,
                n_authors=template.n_authors,
                tier=name_tier(template.tier),
                lift=format_lift(template.lift),
            )
        )
        if template.lift is not None:
            show(
                _("hot {n_hot}, not hot {n_ordinary}; compared with: {against}").format(
                    n_hot=template.lift.n_hot,
                    n_ordinary=template.lift.n_ordinary,
                    against=_name_comparison(template.lift.against),
                )
            )
    show(describe_need(template))
    if template.kinds:
        show(_("subjects: {kinds}").format(kinds="、".join(template.kinds)))
    rows = [
        (number, _slot_name(slot.type), "、".join(slot.fillers) or "–")
        for number, slot in enumerate(template.slots, start=1)
    ]
    show_table([(_("slot"), "right"), _("type"), _("what authors put there")], rows)
    _show_provenance(template.provenance)


def _show_provenance(provenance: dict[str, object]) -> None:
    sources = provenance.get("sources")
    if isinstance(sources, dict):
        show(_("sources: {sources}").format(sources=", ".join(f"{name} {n}" for name, n in sources.items())))
    if "published_first" in provenance:
        show(
            _("published {first} to {last}").format(
                first=provenance["published_first"], last=provenance["published_last"]
            )
        )
    if "method_version" in provenance:
        show(_("method version {version}").format(version=provenance["method_version"]))
    show(_("file: {name}").format(name=provenance.get("file", "")))


def diff_templates(
    before: Annotated[Path, typer.Argument(metavar="A", help=_("A library's file or folder, older."))],
    after: Annotated[Path, typer.Argument(metavar="B", help=_("A library's file or folder, newer."))],
    as_json: JsonOption = False,
) -> None:
    from creator_kit.mining.library_diff import diff_contents, read_contents

    contents = read_contents(before), read_contents(after)
    if contents[0].keys().isdisjoint(contents[1].keys()):
        raise InputError(
            _("one library holds titles and the other bodies"),
            where=f"{before}, {after}",
            hint=_("compare two files of one kind, or the two folders templates/"),
        )
    changes = diff_contents(*contents)
    if as_json:
        print_json("template_diff", {"changes": [_describe_change(change) for change in changes]})
        return
    names = {"rose": _("rose"), "fell": _("fell"), "new": _("new"), "gone": _("gone")}
    titles = {
        "title": _("template"),
        "shape": _("shape of bodies"),
        "habit": _("habit of bodies"),
        "topics": _("habit of topics"),
    }
    moved = [change for change in changes if change.verdict != "same"]
    for kind, title in titles.items():
        rows = [
            (names[c.verdict], _name_change(c), _describe_figures(c.before), _describe_figures(c.after))
            for c in moved
            if c.kind == kind
        ]
        if rows:
            show_table([_("change"), title, _("before"), _("after")], rows)
    say(_("{n} templates, shapes and habits are the same in both").format(n=len(changes) - len(moved)))


def _name_change(change: LibraryChange) -> str:
    from creator_kit.mining.body_library import name_body_habit, name_role
    from creator_kit.mining.title_library import parse_skeleton

    if change.kind == "title":
        return "".join(_show_part(part) for part in parse_skeleton(change.name))
    if change.kind == "shape":
        return " → ".join(name_role(role) for role in change.name.split("→"))  # type: ignore[arg-type]
    return name_body_habit(change.name)


def _describe_figures(figures: Figures | None) -> str:
    from creator_kit.mining.wording import format_lift, name_tier

    if figures is None:
        return "–"
    lift = f" {format_lift(figures.lift)}" if figures.lift else ""
    return f"{name_tier(figures.tier)} {figures.n_notes}{lift}"


def _describe_change(change: LibraryChange) -> dict[str, Any]:
    from creator_kit.mining.library_file import write_lift

    def side(figures: Figures | None) -> dict[str, Any] | None:
        if figures is None:
            return None
        return {
            **({"id": figures.id} if figures.id else {}),
            "tier": figures.tier,
            "n_notes": figures.n_notes,
            "n_authors": figures.n_authors,
            "lift": None,
            **write_lift(figures.lift),
        }

    return {
        "verdict": change.verdict,
        "kind": change.kind,
        "name": change.name,
        "before": side(change.before),
        "after": side(change.after),
    }


def show_shapes(shapes: Sequence[BodyShape], limit: int) -> None:
    """The shapes as a table on stdout; at most ``limit``, 0 for all."""
    from creator_kit.mining.body_library import name_role
    from creator_kit.mining.wording import format_lift, name_tier

    show_table(
        [_("shape of bodies"), (_("notes"), "right"), (_("authors"), "right"), _("tier"), _("lift [90 %]")],
        [
            (" → ".join(map(name_role, s.roles)), s.support, s.n_authors, name_tier(s.tier), format_lift(s.lift))
            for s in (shapes[:limit] if limit else shapes)
        ],
    )


def show_title_templates(templates: Sequence[TitleTemplate], limit: int, *, ids: bool = True) -> None:
    """The templates as a table on stdout; at most ``limit``, 0 for all."""
    from creator_kit.mining.wording import format_lift, name_tier

    if not templates:
        return
    shown = templates[:limit] if limit else templates
    show_table(
        [*(["id"] if ids else []), _("template"), (_("notes"), "right"), (_("authors"), "right"), _("tier"), _("lift")],
        [
            (
                *([template.template_id] if ids else []),
                _skeleton(template),
                template.support or "–",
                template.n_authors or "–",
                name_tier(template.tier),
                format_lift(template.lift) if template.origin == "mined" else _("written by us"),
            )
            for template in shown
        ],
    )
    if len(shown) < len(templates):
        say(_("{n} more; --limit 0 shows all").format(n=len(templates) - len(shown)))


def describe_template(template: TitleTemplate) -> dict[str, Any]:
    """The template as JSON shows it."""
    from creator_kit.mining.library_file import write_lift

    return {
        "id": template.template_id,
        "skeleton": template.skeleton,
        "parts": [
            {"literal": part} if isinstance(part, str) else {"slot": part.type, "fillers": list(part.fillers)}
            for part in template.parts
        ],
        "origin": template.origin,
        "tier": template.tier,
        "support": template.support,
        "n_authors": template.n_authors,
        "lift": None,
        **write_lift(template.lift),
        "kinds": list(template.kinds),
        "provenance": template.provenance,
    }


def _slot_name(slot_type: str) -> str:
    from creator_kit.text.slots import SLOT_TYPES

    zh, en = SLOT_TYPES[slot_type]
    return zh if current_language() == "zh" else en


def _name_comparison(against: str) -> str:
    """What a lift was compared with (``Lift.against``), as a person says it."""
    if against == "author":
        return _("other notes by the same authors")
    return _("notes of the same source, keyword, type and age")


def _skeleton(template: TitleTemplate) -> str:
    return "".join(map(_show_part, template.parts))


def _show_part(part: object) -> str:
    return part if isinstance(part, str) else "{" + _slot_name(part.type) + "}"  # type: ignore[attr-defined]
