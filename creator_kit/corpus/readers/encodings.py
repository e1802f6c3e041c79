"""Bytes → text: what kind of file it is, in which encoding, and its lines in bounded memory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from creator_kit.corpus.readers.opened import MAX_LINE_BYTES, Progress
from creator_kit.datafiles import storage_error
from creator_kit.errors import InputError
from creator_kit.locale import _

_CHUNK = 1 << 20
SAMPLE_BYTES = 256 * 1024

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
)


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """A codec; ``is_dirty`` when single bytes of the file do not fit it (their rows are reported)."""

    codec: str
    is_dirty: bool = False


def find_kind(path: Path) -> tuple[str, bytes]:
    """(kind, first bytes) of a file; kinds are zip, ole, sqlite, gzip, 7z, rar, pdf, image and text.

    Raises InputError for a folder and an empty file, StorageError.
    """
    try:
        if path.is_dir():
            raise InputError(_("this is a folder, not a file"), where=str(path), hint=_("give the files in it"))
        with path.open("rb") as file:
            head = file.read(SAMPLE_BYTES)
    except OSError as error:
        raise storage_error(error, path) from error
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise InputError(_("the file is empty"), where=str(path), hint=_("export it again"))
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind, head
    return "text", head


def find_encoding(path: Path, head: bytes, wish: str | None, *, whole: bool) -> TextEncoding:
    """The encoding of a text file. With ``whole`` all of it is looked at, else the first 256 KiB.

    UTF-8, UTF-16 and UTF-32 by their marks; else UTF-8, UTF-16, GB18030 and Latin-1 by what they would make
    of the bytes. Raises InputError for binary data and for what fits none.
    """
    if wish:
        return _wished(path, head, wish, whole)
    for bom, codec in _BOMS:
        if head.startswith(bom):
            if codec == "utf-8-sig":
                return TextEncoding(codec, is_dirty=_first_bad_byte(path, head, "utf-8", whole) is not None)
            if _first_bad_byte(path, head, codec, whole) is not None:
                raise InputError(
                    _("the file is marked as {encoding} but is not; it may be cut off").format(encoding=codec.upper()),
                    where=str(path),
                    hint=_("export it again, or save it as UTF-8"),
                )
            return TextEncoding(codec)
    n_nul = head.count(0)
    if n_nul:
        wide = _wide_codec(head, n_nul)
        if wide and _first_bad_byte(path, head, wide, whole) is None:
            return TextEncoding(wide)
        if n_nul > len(head) / 1000 + 2:
            raise _binary(path)
    control = len(re.findall(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]", head))
    if control > len(head) / 50 + 4:
        raise _binary(path)
    bad = _first_bad_byte(path, head, "utf-8", whole)
    if bad is None:
        return TextEncoding("utf-8")
    window = _window(path, bad) if bad >= len(head) - 4 else head
    n_bad = len(re.findall("\ufffd", window.decode("utf-8", "replace"))) - window.count("\ufffd".encode())
    n_high = len(re.findall(rb"[\x80-\xff]", window))
    if n_bad <= max(3, n_high // 60) and n_high > 8 * n_bad:
        return TextEncoding("utf-8", is_dirty=True)
    if _first_bad_byte(path, head, "gb18030", whole) is None and _looks_chinese(window.decode("gb18030", "ignore")):
        return TextEncoding("gb18030")
    if _looks_chinese(_decode_cut(window, "gb18030")) and _share_bad(window, "gb18030") < 0.005:
        return TextEncoding("gb18030", is_dirty=True)
    if _looks_latin(window):
        return TextEncoding("cp1252" if _first_bad_byte(path, head, "cp1252", whole) is None else "latin-1")
    raise InputError(
        _("the text is neither UTF-8 nor GB18030 nor UTF-16 (byte {position})").format(position=bad),
        where=str(path),
        hint=_("save it as UTF-8, or name its encoding with --encoding"),
    )


def _wished(path: Path, head: bytes, wish: str, whole: bool) -> TextEncoding:
    try:
        codec = codecs.lookup(wish).name
    except LookupError as error:
        raise InputError(
            _("'{encoding}' is not an encoding").format(encoding=wish),
            where=str(path),
            hint=_("try utf-8, gb18030 or utf-16"),
        ) from error
    if codec in ("gb2312", "gbk"):
        codec = "gb18030"  # what calls itself GBK often holds characters that only its superset has
    if codec == "utf-8" and head.startswith(codecs.BOM_UTF8):
        codec = "utf-8-sig"
    bad = _first_bad_byte(path, head, codec, whole)
    if bad is not None:
        raise InputError(
            _("the text is not {encoding} (byte {position})").format(encoding=wish, position=bad),
            where=str(path),
            hint=_("leave --encoding out, so that it is found by itself"),
        )
    return TextEncoding(codec)


def _binary(path: Path) -> InputError:
    return InputError(
        _("this is binary data, not a table or JSON"),
        where=str(path),
        hint=_("give an export as xlsx, csv, json, jsonl or SQLite"),
    )


def _first_bad_byte(path: Path, head: bytes, codec: str, whole: bool) -> int | None:
    """The position of the first byte that ``codec`` cannot read; None when there is none."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    position = 0
    try:
        if not whole:
            decoder.decode(head, final=len(head) < SAMPLE_BYTES)
            return None
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
                position += len(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        return max(0, position + getattr(error, "start", 0))
    except OSError as error:
        raise storage_error(error, path) from error
    return None


def _window(path: Path, position: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(max(0, position - 4096))
            return file.read(SAMPLE_BYTES)
    except OSError as error:
        raise storage_error(error, path) from error


def _wide_codec(head: bytes, n_nul: int) -> str | None:
    """UTF-16 without a mark: the high bytes of ASCII are NUL, so all NULs stand at even or at odd places."""
    if n_nul < len(head) / 200:
        return None
    even = head[::2].count(0)
    if even > 0.95 * n_nul:
        return "utf-16-be"
    if even < 0.05 * n_nul:
        return "utf-16-le"
    return None


def _decode_cut(data: bytes, codec: str) -> str:
    return data.decode(codec, "ignore")


def _share_bad(data: bytes, codec: str) -> float:
    text = data.decode(codec, "replace")
    return text.count("\ufffd") / (len(text) or 1)


def _looks_chinese(text: str) -> bool:
    """Whether most of the characters beyond ASCII are everyday ones: GB 2312's first level, punctuation, emoji."""
    wide = [char for char in text[:100_000] if ord(char) > 127]
    if not wide:
        return True
    common = 0
    for char in wide:
        code = ord(char)
        if 0x4E00 <= code <= 0x9FFF:
            with suppress(UnicodeEncodeError):
                common += 0xB0 <= char.encode("gb2312")[0] <= 0xD7
        elif (
            0x2010 <= code <= 0x2BFF
            or 0x3000 <= code <= 0x303F
            or 0xFE00 <= code <= 0xFFEF
            or code >= 0x1F000
            or code in (0xA0, 0xB7)
        ):
            common += 1
    return common >= 0.7 * len(wide)


def _looks_latin(data: bytes) -> bool:
    """Western text: few letters beyond ASCII, alone or in pairs, in the range of accented letters and signs."""
    high = re.findall(rb"[\x80-\xff]+", data)
    n_high = sum(map(len, high))
    return (
        bool(high)
        and n_high < 0.2 * len(data)
        and max(map(len, high)) <= 3
        and not re.search(rb"[\x81\x8d\x8f\x90\x9d]", data)
    )


class BoundedLines:
    """The decoded lines of a text file, ``\\n`` kept, in bounded memory.

    A line longer than ``MAX_LINE_BYTES`` characters is passed over: its number goes to ``too_long``.
    """

    def __init__(self, path: Path, encoding: TextEncoding, progress: Progress) -> None:
        self._path = path
        self._encoding = encoding
        self._progress = progress
        self.too_long: list[int] = []

    def __iter__(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._encoding.codec)(
            "surrogateescape" if self._encoding.is_dirty else "strict"
        )
        rest, number, skipping = "", 0, False
        try:
            with self._path.open("rb") as file:
                at_end = False
                while not at_end:
                    chunk = file.read(_CHUNK)
                    at_end = not chunk
                    self._progress.done += len(chunk)
                    text = rest + decoder.decode(chunk, final=at_end)
                    if text.endswith("\r") and not at_end:
                        rest, text = text[-1:], text[:-1]
                    else:
                        rest = ""
                    if "\r" in text:
                        text = text.replace("\r\n", "\n").replace("\r", "\n")
                    lines = text.split("\n")
                    rest = lines.pop() + rest
                    for line in lines:
                        number += 1
                        if skipping:
                            skipping = False
                            yield "\n"
                        else:
                            yield line + "\n"
                    if len(rest) > MAX_LINE_BYTES:
                        if not skipping:
                            self.too_long.append(number + 1)
                        skipping, rest = True, ""
                if rest and not skipping:
                    yield rest
        except UnicodeError as error:
            raise InputError(
                _("the text stops being {encoding} after line {line}").format(
                    encoding=self._encoding.codec.upper(), line=number
                ),
                where=str(self._path),
                hint=_("save it as UTF-8, or name its encoding with --encoding"),
            ) from error
        except OSError as error:
            raise storage_error(error, self._path) from error
