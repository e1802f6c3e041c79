"""Where things lie: shipped data (wheel or checkout) and a creator's own folder. The only user of ``__file__``."""

from __future__ import annotations

from pathlib import Path

from creator_kit.errors import AssetError
from creator_kit.locale import _

_PACKAGE = Path(__file__).resolve().parent


def find_shipped_dir(name: str) -> Path:
    """The shipped folder ``templates`` or ``hot_notes_corpus``, from the wheel or the checkout.

    Raises AssetError when neither holds it: the installation is broken.
    """
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        if (root / name).is_dir():
            return root / name
    raise AssetError(
        _("the shipped folder '{name}' is missing").format(name=name),
        hint=_("install creator-kit again: pip install --force-reinstall creator-kit"),
    )


def list_sources(room: str) -> list[Path]:
    """The Python files of ``room``; none where the package is not in a folder (a zip)."""
    return sorted((_PACKAGE / room).glob("*.py"))


def list_data_files(kind: str, suffix: str, user_root: Path | None = None) -> list[Path]:
    """Files ``templates/<kind>/*<suffix>``; the user's folder comes first and hides shipped files of its name."""
    found: dict[str, Path] = {}
    roots = [user_root / "templates"] if user_root else []
    roots.append(find_shipped_dir("templates"))
    for root in roots:
        folder = root / kind
        if folder.is_dir():
            for path in sorted(folder.glob(f"*{suffix}")):
                found.setdefault(path.name, path)
    return [found[name] for name in sorted(found)]
