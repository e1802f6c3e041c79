"""Notes → skeletons → patterns → support, lift, interval → the template library."""

from creator_kit.mining.library_diff import LibraryChange, diff_libraries
from creator_kit.mining.matching import extract, fill
from creator_kit.mining.scenarios import Scenario, find_scenarios
from creator_kit.mining.template import Interval, Lift, SlotPart, TitleTemplate
from creator_kit.mining.title_library import (
    LibrarySummary,
    TitleLibrary,
    load_library,
    save_library,
)
from creator_kit.mining.titles import MiningOptions, mine_titles

__all__ = [
    "Interval",
    "LibraryChange",
    "LibrarySummary",
    "Lift",
    "MiningOptions",
    "Scenario",
    "SlotPart",
    "TitleLibrary",
    "TitleTemplate",
    "diff_libraries",
    "extract",
    "fill",
    "find_scenarios",
    "load_library",
    "mine_titles",
    "save_library",
]
