"""Brief + persona + templates → candidates → gates → ranked, diverse drafts."""

from creator_kit.drafting.draft import Brief, Draft, SlotFill, TitleCandidate

__all__ = ["Brief", "Draft", "SlotFill", "TitleCandidate"]
