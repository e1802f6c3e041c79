"""creator_kit: the workshop behind a Xiaohongshu account. Files in, a hand-off pack out."""

__version__ = "0.1.0"
