"""``scenarios``: which scenario hashtags are under-served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from creator_kit.cli.options import JsonOption, LimitOption, WorkspaceOption, enter_workspace
from creator_kit.cli.output import print_json, say, show_table
from creator_kit.locale import _

if TYPE_CHECKING:
    from creator_kit.mining import Scenario


def register(app: typer.Typer) -> None:
    """Add this file's command to ``app``."""
    app.command(
        "scenarios",
        help=_("Scenario hashtags: demand (how often their notes get hot) against supply."),
        epilog=_("Example: creator-kit scenarios --limit 30"),
    )(scenarios)


def scenarios(
    limit: LimitOption = 30,
    as_json: JsonOption = False,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.corpus.heat import compute_heat
    from creator_kit.corpus.store import iter_notes, load_notes
    from creator_kit.mining import find_scenarios
    from creator_kit.mining.wording import describe_scenarios, format_lift, name_verdict

    workspace = enter_workspace(workspace_dir)
    heats = compute_heat(load_notes(workspace, texts=False))
    found = find_scenarios(iter_notes(workspace), heats)
    sentences = describe_scenarios(found)
    if as_json:
        print_json(
            "scenarios", {"scenarios": [_describe_scenario(scenario) for scenario in found], "sentences": sentences}
        )
        return
    if found:
        show_table(
            [_("scenario"), (_("notes"), "right"), (_("authors"), "right"), (_("demand"), "right"), _("verdict")],
            [
                (f"#{s.tag}", s.n_notes, s.n_authors, format_lift(s.demand), name_verdict(s.verdict))
                for s in (found[:limit] if limit else found)
            ],
        )
    if limit and len(found) > limit:
        say(_("{n} more; --limit 0 shows all").format(n=len(found) - limit))
    for sentence in sentences:
        say(sentence)


def _describe_scenario(scenario: Scenario) -> dict[str, Any]:
    from creator_kit.mining.library_file import write_lift

    lift = write_lift(scenario.demand)
    return {
        "tag": scenario.tag,
        "n_notes": scenario.n_notes,
        "n_authors": scenario.n_authors,
        "is_broad": scenario.is_broad,
        "verdict": scenario.verdict,
        "demand": lift.get("lift"),
    }
