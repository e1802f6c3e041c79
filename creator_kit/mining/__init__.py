"""Notes → skeletons → patterns → support, lift, interval → the template library."""

from creator_kit.mining.template import Interval, Lift, SlotPart, TitleTemplate

__all__ = ["Interval", "Lift", "SlotPart", "TitleTemplate"]
