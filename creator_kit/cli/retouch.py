"""``retouch``: photos made ready for a note; the originals stay as they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, WorkspaceOption
from creator_kit.cli.output import print_json, progress, say, say_error, show_table
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _, ngettext
from creator_kit.workspace import find_workspace

if TYPE_CHECKING:
    from creator_kit.cover import RetouchPreset
    from creator_kit.cover.batch import RetouchedPhoto

_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".tif", ".tiff", ".bmp"))
_RATIOS = {"3:4": (3, 4), "1:1": (1, 1), "4:3": (4, 3), "keep": None}


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
    keep_metadata: Annotated[
        bool, typer.Option("--keep-metadata", help=_("Leave place, device and time in the files."))
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help=_("Processes that work on a folder."))] = 1,
    listing: Annotated[bool, typer.Option("--list", help=_("List the presets."))] = False,
    as_json: JsonOption = False,
    folder: WorkspaceOption = None,
) -> None:
    from creator_kit.cover import load_presets, pick_named
    from creator_kit.cover.batch import BatchFailure, RetouchTask, retouch_file, retouch_files

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
    tasks = [
        RetouchTask(path, out / name, chosen, _RATIOS[ratio], sheet is not None, keep_metadata)
        for path, name in zip(paths, _name_outputs(paths), strict=True)
    ]
    done: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    pairs: list[tuple[str, Any]] = []
    with progress(_("retouching"), len(paths)) as advance:
        results = map(retouch_file, tasks) if len(tasks) == 1 else retouch_files(tasks, n_jobs=jobs)
        for result in results:
            if isinstance(result, BatchFailure):
                # One bad file of a folder is reported, and the others go on.
                failed.append({"source": result.name, "error": result.what})
                say_error(str(result))
            else:
                done.append(_describe(result))
                for word, picture in zip((_("before"), _("after")), result.previews, strict=False):
                    pairs.append((f"{result.source.name} · {word}", picture))
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


def _describe(photo: RetouchedPhoto) -> dict[str, Any]:
    return {
        "source": str(photo.source),
        "path": str(photo.path),
        "width_px": photo.size_px[0],
        "height_px": photo.size_px[1],
        "ai_label": photo.has_ai_label,
    }


def _show_presets(presets: dict[str, RetouchPreset], as_json: bool) -> None:
    if as_json:
        print_json("retouch-presets", {"presets": [{"name": n, **p.model_dump()} for n, p in presets.items()]})
        return
    show_table([_("preset"), _("what it is for")], [(name, preset.label) for name, preset in presets.items()])
