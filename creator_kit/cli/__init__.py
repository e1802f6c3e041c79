"""The command line: parse, call one function, show. The only importer of typer and rich."""

from __future__ import annotations

import gettext
import os
import sys
from pathlib import Path

from creator_kit.locale import DOMAIN, LOCALE_DIR, detect_language, use_language
from creator_kit.workspace.folder import peek_language


def main() -> None:
    """Entry point of ``creator-kit`` and ``python -m creator_kit``."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # A Windows console or a pipe may be GBK or cp1252; our texts are UTF-8 whatever the code page says.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="strict" if stream is sys.stdin else "replace")
    speak(detect_language(peek_language(_workspace_in(sys.argv))))
    import typer

    from creator_kit.cli.app import app
    from creator_kit.cli.builtin_texts import localise_command

    command = typer.main.get_command(app)
    localise_command(command)
    command(prog_name="creator-kit")


def speak(language: str) -> None:
    """Use ``language`` for our texts and, before typer is imported, for its own ("Usage", "Options")."""
    use_language(language)
    os.environ["LANGUAGE"] = {"zh": "zh_CN", "en": "en"}[language]
    gettext.bindtextdomain(DOMAIN, str(LOCALE_DIR))
    gettext.textdomain(DOMAIN)


def _workspace_in(argv: list[str]) -> Path:
    """The folder that ``--workspace`` names, before the real parser runs (its language decides the help's)."""
    for position, word in enumerate(argv):
        if word.startswith("--workspace="):
            return Path(word.partition("=")[2]).absolute()
        if word in ("--workspace", "-w") and position + 1 < len(argv):
            return Path(argv[position + 1]).absolute()
    return Path.cwd()
