"""Brief + persona + templates → candidates → gates → ranked, diverse drafts."""

from creator_kit.drafting.alternatives import PARTS, Alternative, list_alternatives
from creator_kit.drafting.batch import BatchFile, BatchLine, DrafterRecipe, draft_batch
from creator_kit.drafting.briefs import BriefFailure, iter_briefs, load_briefs, parse_brief
from creator_kit.drafting.document import draft_from_json, draft_to_json
from creator_kit.drafting.draft import Brief, Draft, SlotFill, TitleCandidate
from creator_kit.drafting.drafter import Drafter, DraftOptions, make_draft
from creator_kit.drafting.gates import describe_blocks, review_draft
from creator_kit.drafting.grading import Grade, Trainee, grade_drafts, read_drafts
from creator_kit.drafting.model import Rewriter, reword_draft
from creator_kit.drafting.pack_tests import PackTestResult, check_pack_names, run_pack_tests
from creator_kit.drafting.refill import refill_draft
from creator_kit.drafting.tags import count_tags

__all__ = [
    "PARTS",
    "Alternative",
    "BatchFile",
    "BatchLine",
    "Brief",
    "BriefFailure",
    "Draft",
    "DraftOptions",
    "Drafter",
    "DrafterRecipe",
    "Grade",
    "PackTestResult",
    "Rewriter",
    "SlotFill",
    "TitleCandidate",
    "Trainee",
    "check_pack_names",
    "count_tags",
    "describe_blocks",
    "draft_batch",
    "draft_from_json",
    "draft_to_json",
    "grade_drafts",
    "iter_briefs",
    "list_alternatives",
    "load_briefs",
    "make_draft",
    "parse_brief",
    "read_drafts",
    "refill_draft",
    "review_draft",
    "reword_draft",
    "run_pack_tests",
]
