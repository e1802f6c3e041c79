"""Two languages: messages are English in the code and Chinese in ``zh_CN/LC_MESSAGES``.

Mark every text that a person reads with ``_("...")`` and fill it with ``.format(...)`` afterwards.
JSON keys, enum values and log-like identifiers stay English and are not marked.
"""

from __future__ import annotations

import gettext
import locale as _stdlib_locale
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

LANGUAGES = ("zh", "en")
DOMAIN = "creator_kit"
LOCALE_DIR = Path(__file__).parent

_CATALOGUES = {"zh": "zh_CN", "en": "en"}
_language = "en"
_translation: gettext.NullTranslations = gettext.NullTranslations()


def detect_language(setting: str | None = None) -> str:
    """The reader's language: ``CREATOR_KIT_LANG``, else the workspace's ``setting``, else the locale's."""
    for candidate in (os.environ.get("CREATOR_KIT_LANG"), setting):
        if candidate:
            code = candidate.strip().lower().replace("-", "_").split("_")[0]
            if code in LANGUAGES:
                return code
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    try:
        value = _stdlib_locale.getlocale()[0]
    except ValueError:
        value = None
    return "zh" if (value or "").lower().startswith(("zh", "chinese")) else "en"


def use_language(code: str) -> None:
    """Answer in ``code`` ("zh" or "en") from now on."""
    global _language, _translation
    _language = code if code in LANGUAGES else "en"
    _translation = _load_catalogue(_language)


@cache
def _load_catalogue(code: str) -> gettext.NullTranslations:
    # Pages switch thousands of times between the two.
    return gettext.translation(DOMAIN, str(LOCALE_DIR), languages=[_CATALOGUES[code]], fallback=True)


def current_language() -> str:
    """The language in use, "zh" or "en"."""
    return _language


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Answer in ``code`` while the block runs, then as before."""
    before = _language
    use_language(code)
    try:
        yield
    finally:
        use_language(before)


class Both(NamedTuple):
    """One text in both languages, for pages whose reader may switch."""

    zh: str
    en: str


def in_both(tell: Callable[[], str]) -> Both:
    """What ``tell`` says in either language."""
    texts = []
    for code in LANGUAGES:
        with speaking(code):
            texts.append(tell())
    return Both(*texts)


def _(message: str) -> str:
    """``message`` in the reader's language."""
    return _translation.gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form of a message for ``n`` things."""
    return _translation.ngettext(singular, plural, n)


def pick(zh: str, en: str) -> str:
    """The one of two texts that came from a data file in both languages."""
    return zh if _language == "zh" else en
