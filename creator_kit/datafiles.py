"""Files that people edit: TOML checked against a pydantic model; writes that are whole or not at all.

Every error names the file, the line or field, says what is wrong and what is near ("did you mean").
"""

from __future__ import annotations

import difflib
import errno
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from creator_kit.errors import CreatorKitError, InputError, StorageError
from creator_kit.locale import _
from creator_kit.locale.validation_texts import translate_validation

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    ModelT = TypeVar("ModelT", bound=BaseModel)

# A file that a person writes by hand is small; anything larger was passed by mistake.
MAX_HAND_WRITTEN_BYTES = 4_000_000


def read_text(path: Path, *, max_bytes: int = MAX_HAND_WRITTEN_BYTES) -> str:
    """The UTF-8 text of ``path`` (a BOM is dropped). Raises InputError or StorageError, naming the file."""
    try:
        if path.is_dir():
            raise InputError(_("this is a folder, not a file"), where=str(path))
        n_bytes = path.stat().st_size
        if n_bytes > max_bytes:
            raise InputError(
                _("{n} bytes are too many for this kind of file (limit {limit})").format(n=n_bytes, limit=max_bytes),
                where=str(path),
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise decoding_error(error, path) from error
    except OSError as error:
        raise storage_error(error, path) from error


def decoding_error(error: UnicodeDecodeError, path: Path | str) -> InputError:
    """The error to raise where ``path`` (or a line of it) holds no UTF-8."""
    return InputError(
        _("not UTF-8 text (byte {position})").format(position=error.start),
        where=str(path),
        hint=_("save the file again as UTF-8"),
    )


def read_toml(path: Path) -> dict[str, Any]:
    """The TOML table in ``path``. Raises InputError with the line of a syntax error."""
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            _("not valid TOML: {error}").format(error=error),
            where=str(path),
            hint=_("check quotes and brackets near that line"),
        ) from error


def load_model(path: Path, model: type[ModelT]) -> ModelT:
    """The file ``path`` as ``model``; all mistakes are listed at once."""
    return validate_model(read_toml(path), model, where=str(path))


def validate_model(data: Any, model: type[ModelT], *, where: str) -> ModelT:
    """``data`` as ``model``; raises InputError naming every wrong field below ``where``."""
    from pydantic import ValidationError

    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(describe_validation(error, model), where=where) from error


def describe_validation(error: ValidationError, model: type[BaseModel]) -> str:
    """One line for each mistake in ``error``, with its field and the nearest known key."""
    lines = []
    for item in error.errors(include_url=False):
        field = ".".join(str(part) for part in item["loc"]) or "(top)"
        if item["type"] == "extra_forbidden":
            near = suggest(str(item["loc"][-1]), _known_keys(model, item["loc"][:-1]))
            text = _("unknown key")
            if near:
                text += _("; did you mean '{near}'?").format(near=near)
        elif item["type"] == "missing":
            text = _("this key is missing")
        else:
            text = translate_validation(item["msg"])
        lines.append(f"{field}: {text}")
    return lines[0] if len(lines) == 1 else "\n  " + "\n  ".join(lines)


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    from pydantic import BaseModel as Base

    current: Any = model
    for part in loc:
        if isinstance(part, int):
            continue
        field = getattr(current, "model_fields", {}).get(part)
        candidates = _models_in(field.annotation, Base) if field else []
        if not candidates:
            return []
        current = candidates[0]
    return [info.alias or name for name, info in current.model_fields.items()]


def _models_in(annotation: Any, base: type) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, base):
        return [annotation]
    return [found for arg in getattr(annotation, "__args__", ()) for found in _models_in(arg, base)]


def suggest(word: str, known: list[str]) -> str | None:
    """The entry of ``known`` that ``word`` was probably meant to be."""
    matches = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return matches[0] if matches else None


@contextmanager
def write_whole(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that replaces it on success and vanishes on any failure or Ctrl-C."""
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".tmp-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        # mkstemp makes the file private; what we write is meant to be shared like any other file.
        if os.name == "posix":
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise storage_error(error, path) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 with ``\\n`` line ends, whole or not at all."""
    with write_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def replace_folder(folder: Path) -> Iterator[Path]:
    """An empty folder beside ``folder`` that takes its place on success; on any failure the old one stays."""
    building, replaced = (folder.parent / f".{folder.name}.{suffix}" for suffix in ("tmp", "old"))
    try:
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        yield building
        shutil.rmtree(replaced, ignore_errors=True)
        if folder.exists():
            folder.rename(replaced)
        building.rename(folder)
        shutil.rmtree(replaced, ignore_errors=True)
    except OSError as error:
        raise storage_error(error, folder) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
        if replaced.exists() and not folder.exists():
            replaced.rename(folder)


def storage_error(error: OSError, path: Path) -> CreatorKitError:
    """``error`` as a CreatorKitError that says what a person can do about it."""
    where = str(path)
    if error.errno == errno.ENOENT:
        return InputError(_("no such file or folder"), where=where, hint=_("check the path and the spelling"))
    if error.errno == errno.ENOSPC:
        return StorageError(
            _("the disk is full; nothing was changed"), where=where, hint=_("free some space and run it again")
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageError(
            _("no permission to read or write here; nothing was changed"),
            where=where,
            hint=_("choose another folder or change its permissions"),
        )
    if error.errno == errno.EISDIR:
        return InputError(_("this is a folder, not a file"), where=where)
    return StorageError(error.strerror or str(error), where=where)
