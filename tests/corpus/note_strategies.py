"""Notes as an export could hold them, for property tests of the rooms that lie above the readers."""

from __future__ import annotations

from hypothesis import strategies as st

from creator_kit.corpus.note import METRICS, Note

NOTE_IDS = [f"{n:016x}" for n in range(1, 5)]
AUTHORS = ["", f"{7:016x}", f"{8:016x}"]
TIMES = ["2026-06-01T08:00:00+08:00", "2026-06-02", "2026-06-02T09:30:00+08:00", "2026-06-09T21:00:00+08:00"]

_texts = st.sampled_from(["", "早餐", "早餐三步", "一份很长的早餐清单", 'quote " and \\ and\nline', "𠮷野家 👩‍🍳"])
_counts = st.none() | st.integers(0, 3) | st.sampled_from([10, 11, 1000, 100_000])


@st.composite
def notes(draw: st.DrawFn, *, timed: bool | None = None, own: bool = False) -> Note:
    """Any note; ``timed`` True or False fixes whether it says when it was observed."""
    counts = {name: draw(_counts) for name in METRICS}
    floors = frozenset(name for name in METRICS if counts[name] is not None and draw(st.booleans()))
    title, body = draw(_texts), draw(_texts)
    observed = st.sampled_from(TIMES) if timed else st.none() if timed is False else st.none() | st.sampled_from(TIMES)
    results = {}
    if own:
        results = {
            "impressions": draw(st.none() | st.integers(0, 5)),
            "views": draw(st.integers(0, 5)),
            "cover_ctr": draw(st.none() | st.sampled_from([0.0, 0.106, 1.0])),
            "new_followers": draw(st.none() | st.integers(-2, 5)),
            "avg_watch_seconds": draw(st.none() | st.sampled_from([0.0, 36.0, 7.5])),
            "danmaku": draw(st.none() | st.integers(0, 5)),
        }
    return Note(
        note_id=draw(st.sampled_from(NOTE_IDS)),
        author=draw(st.sampled_from(AUTHORS)),
        title=title,
        body=body,
        tags=draw(st.sampled_from([(), ("早餐",), ("早餐", "减脂"), ('a"b', "c,d")])),
        type=draw(st.sampled_from([None, "图文", "视频"])),
        floors=floors,
        published_at=draw(st.sampled_from([None, "2026-05-01", "2026-05-01T07:00:00+08:00"])),
        observed_at=draw(observed),
        source=draw(st.sampled_from(["MediaCrawler", "社媒助手"])),
        keyword=draw(st.sampled_from([None, "早餐", "减脂餐"])),
        followers=draw(st.none() | st.integers(0, 3)),
        title_is_body_prefix=draw(st.booleans()),
        body_truncated=bool(body) and draw(st.booleans()),
        **counts,
        **results,
    )
