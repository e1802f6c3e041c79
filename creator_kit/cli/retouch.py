"""``retouch``: photos made ready for a note; the originals stay as they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, WorkspaceOption
from creator_kit.cli.output import print_json, progress, say, say_error, show_table
from creator_kit.errors import CreatorKitError, InputError, UsageError
from creator_kit.locale import _, ngettext
from creator_kit.workspace import find_workspace

if TYPE_CHECKING:
    from creator_kit.cover import RetouchPreset

_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".tif", ".tiff", ".bmp"))
_RATIOS = {"3:4": (3, 4), "1:1": (1, 1), "4:3": (4, 3), "keep": None}
# The platform scales larger pictures down itself, less carefully.
_MAX_SIDE_PX = 2560


def register(app: typer.Typer) -> None:
    """Add this file's command to ``app``."""
    app.command(
        "retouch",
        help=_("Correct photos by a preset and crop them around what matters; place and device data are removed."),
        epilog=_("Example: creator-kit retouch photos/ --preset warm-food --ratio 3:4 --out ready/"),
    )(retouch)


def retouch(
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="PHOTO|FOLDER", help=_("Photos, or folders of photos."))
    ] = None,
    preset: Annotated[str, typer.Option("--preset", metavar="NAME", help=_("A preset (see --list)."))] = "neutral-true",
    persona: Annotated[
        str, typer.Option("--persona", metavar="NAME|DIR", help=_("Take the preset of this persona pack."))
    ] = "",
    ratio: Annotated[str, typer.Option("--ratio", metavar="RATIO", help=_("3:4, 1:1, 4:3 or keep."))] = "3:4",
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help=_("The folder to write to."))] = Path(
        "retouched"
    ),
    sheet: Annotated[
        Path | None, typer.Option("--sheet", metavar="FILE", help=_("Also draw them side by side, before and after."))
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help=_("List the presets."))] = False,
    as_json: JsonOption = False,
    folder: WorkspaceOption = None,
) -> None:
    from creator_kit.cover import load_presets, pick_named

    root = find_workspace((folder or Path.cwd()).resolve())
    presets = load_presets(root)
    if listing:
        _show_presets(presets, as_json)
        return
    if ratio not in _RATIOS:
        raise UsageError(
            _("'{text}' is not a ratio").format(text=ratio), where="--ratio", hint=_("3:4, 1:1, 4:3 or keep")
        )
    if persona:
        from creator_kit.persona import load_persona

        preset = load_persona(persona, root).photo.retouch or preset
    chosen = pick_named(_("preset"), preset, presets)
    paths = list(_list_photos(sources or []))
    done: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    pairs: list[tuple[str, Any]] = []
    with progress(_("retouching"), len(paths)) as advance:
        for path, name in zip(paths, _name_outputs(paths), strict=True):
            try:
                done.append(_retouch_one(path, out / name, chosen, ratio, pairs if sheet else None))
            except CreatorKitError as error:
                # One bad file of a folder is reported, and the others go on.
                if len(paths) == 1:
                    raise
                failed.append({"source": str(path), "error": error.what})
                say_error(str(error))
            advance(1)
    if sheet and pairs:
        from creator_kit.cover import find_font, render_sheet, save_cover

        save_cover(render_sheet(pairs, find_font()), sheet)
    if as_json:
        print_json("retouch", {"preset": preset, "photos": done, "failed": failed})
    else:
        say(
            ngettext("{n} photo written to {folder}", "{n} photos written to {folder}", len(done)).format(
                n=len(done), folder=out
            )
        )
    if failed:
        raise typer.Exit(InputError.exit_code)


def _list_photos(sources: list[Path]) -> list[Path]:
    if not sources:
        raise UsageError(_("no photo was named"), hint=_("for example: creator-kit retouch photo.jpg"))
    paths: list[Path] = []
    for source in sources:
        if source.is_dir():
            found = sorted(path for path in source.iterdir() if path.suffix.lower() in _SUFFIXES)
            if not found:
                raise InputError(_("no photos in this folder"), where=str(source))
            paths += found
        else:
            paths.append(source)
    return paths


def _name_outputs(paths: list[Path]) -> list[str]:
    """A name for each output: the source's stem, numbered where two sources share one."""
    names: list[str] = []
    taken: set[str] = set()
    for path in paths:
        name, number = f"{path.stem}.jpg", 2
        while name.lower() in taken:
            name, number = f"{path.stem}-{number}.jpg", number + 1
        taken.add(name.lower())
        names.append(name)
    return names


def _retouch_one(
    path: Path, target: Path, preset: RetouchPreset, ratio: str, pairs: list[tuple[str, Any]] | None
) -> dict[str, Any]:
    from creator_kit import cover as room

    if target.exists() and path.exists() and target.samefile(path):
        raise UsageError(_("this would overwrite the original"), where=str(path), hint=_("choose another --out folder"))
    image = room.load_photo(path)
    label = room.read_ai_label(image)
    before = room.fit_photo(image, _RATIOS[ratio], _MAX_SIDE_PX)
    after = room.retouch_photo(before, preset)
    room.save_cover(after, target, ai_label=label)
    if pairs is not None:
        # Kept small: a folder of large photos must not fill the memory.
        small = (840, round(840 * after.height / after.width))
        pairs += [
            (f"{path.name} · {word}", picture.resize(small))
            for word, picture in ((_("before"), before), (_("after"), after))
        ]
    return {
        "source": str(path),
        "path": str(target),
        "width_px": after.width,
        "height_px": after.height,
        "ai_label": label is not None,
    }


def _show_presets(presets: dict[str, RetouchPreset], as_json: bool) -> None:
    if as_json:
        print_json("retouch-presets", {"presets": [{"name": n, **p.model_dump()} for n, p in presets.items()]})
        return
    show_table([_("preset"), _("what it is for")], [(name, preset.label) for name, preset in presets.items()])
