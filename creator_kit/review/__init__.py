"""Checks a text before a person posts it. Rules are data (``templates/rules``); findings name the rule."""

from creator_kit.review.finding import Finding, PostText, Severity

__all__ = ["Finding", "PostText", "Severity"]
