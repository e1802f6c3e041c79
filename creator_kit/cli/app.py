"""All commands under one roof, and the one place where an error becomes a line on stderr and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from creator_kit import __version__
from creator_kit.cli import backtest as backtest_commands
from creator_kit.cli import corpus as corpus_commands
from creator_kit.cli import cover as cover_commands
from creator_kit.cli import draft as draft_commands
from creator_kit.cli import grade as grade_commands
from creator_kit.cli import handoff as handoff_commands
from creator_kit.cli import mine as mine_commands
from creator_kit.cli import persona as persona_commands
from creator_kit.cli import plan as plan_commands
from creator_kit.cli import report as report_commands
from creator_kit.cli import results as results_commands
from creator_kit.cli import retouch as retouch_commands
from creator_kit.cli import review as review_commands
from creator_kit.cli import scenarios as scenario_commands
from creator_kit.cli import simulate as simulate_commands
from creator_kit.cli import templates as template_commands
from creator_kit.cli import tour as tour_commands
from creator_kit.cli import workspace as workspace_commands
from creator_kit.cli.builtin_texts import translate_usage_error
from creator_kit.cli.output import say_error
from creator_kit.errors import CreatorKitError
from creator_kit.locale import _

EXIT_BUG = 70
EXIT_INTERRUPTED = 130


# The order in which a person meets the commands: left to right along the stages.
ORDER = (
    *("tour", "init", "corpus", "results", "mine", "templates", "scenarios", "persona", "draft", "drafts", "cover"),
    *("review", "simulate", "backtest", "grade", "plan", "handoff", "report"),
)


class ErrorBoundary(TyperGroup):
    """Turns what a library raised into one message and its class's exit code; a traceback only with --debug."""

    def list_commands(self, ctx: Any) -> list[str]:
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().make_context(*args, **kwargs)
        except TyperException as error:
            raise _usage_exit(error) from error

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except TyperException as error:
            raise _usage_exit(error) from error
        except CreatorKitError as error:
            if _debug():
                raise
            say_error(str(error))
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            say_error(_("interrupted; nothing was half-written"))
            raise typer.Exit(EXIT_INTERRUPTED) from error
        except BrokenPipeError as error:
            # The reader of our pipe has left (`| head`): not an error, and not worth a word.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from error
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            if _debug():
                raise
            say_error(
                _("this is a bug in creator-kit: {kind}: {error}").format(kind=type(error).__name__, error=error)
                + "\n  → "
                + _("run it again with --debug and report what it prints")
            )
            raise typer.Exit(EXIT_BUG) from error


def _usage_exit(error: TyperException) -> typer.Exit:
    """Show a mistake in the command line as our own errors look; 2 is its exit code."""
    hint = ""
    context = getattr(error, "ctx", None)
    if context is not None:
        hint = "\n  → " + _("see: {command} --help").format(command=context.command_path)
    message = error.format_message()
    # A group that was called without a command has shown its help; nothing is left to say.
    if message.strip():
        say_error(translate_usage_error(message) + hint)
    return typer.Exit(error.exit_code)


def _debug() -> bool:
    return bool(os.environ.get("CREATOR_KIT_DEBUG"))


app = typer.Typer(
    name="creator-kit",
    cls=ErrorBoundary,
    no_args_is_help=False,
    invoke_without_command=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"creator-kit {__version__}")
        raise typer.Exit


@app.callback(help=_("The workshop behind a Xiaohongshu account: files in, a hand-off pack out; a person posts."))
def root(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help=_("Show the version and exit."))
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help=_("Show a traceback when something fails."))] = False,
) -> None:
    if debug:
        os.environ["CREATOR_KIT_DEBUG"] = "1"
    if ctx.invoked_subcommand is None:
        workspace_commands.show_way()


workspace_commands.register(app)
corpus_commands.register(app)
results_commands.register(app)
review_commands.register(app)
mine_commands.register(app)
template_commands.register(app)
scenario_commands.register(app)
simulate_commands.register(app)
backtest_commands.register(app)
cover_commands.register(app)
retouch_commands.register(app)
persona_commands.register(app)
draft_commands.register(app)
grade_commands.register(app)
plan_commands.register(app)
handoff_commands.register(app)
report_commands.register(app)
tour_commands.register(app)
