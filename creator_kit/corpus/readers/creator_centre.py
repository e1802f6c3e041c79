"""The account sheets of the creator centre (近30日观看 / 互动 / 涨粉 / 发布数据): one value a day and metric.

The sheet's name says the metric (曝光趋势), its columns are 日期 and 数值. The first sheet holds totals of
30 days without a day and is left out: the days add up to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from creator_kit.corpus.parsing import parse_count, parse_rate, parse_seconds, parse_time
from creator_kit.corpus.readers.families import normal_name
from creator_kit.corpus.readers.foreign import PLATFORMS, refuse_platform
from creator_kit.corpus.readers.opened import Item
from creator_kit.corpus.reading import ReadOptions, RowProblem, SeriesPoint
from creator_kit.errors import InputError
from creator_kit.locale import _

# The creator centre's word → our metric. Rates are 0 to 1, durations seconds.
METRICS_OF_SHEETS: dict[str, str] = {
    "曝光": "impressions",
    "曝光量": "impressions",
    "曝光次数": "impressions",
    "观看": "views",
    "观看量": "views",
    "观看次数": "views",
    "阅读": "views",
    "阅读量": "views",
    "封面点击率": "cover_ctr",
    "点击率": "cover_ctr",
    "平均观看时长": "avg_watch_seconds",
    "人均观看时长": "avg_watch_seconds",
    "观看总时长": "total_watch_seconds",
    "总观看时长": "total_watch_seconds",
    "视频完播率": "completion_rate",
    "完播率": "completion_rate",
    "总完播率": "completion_rate",
    "点赞": "likes",
    "评论": "comments",
    "收藏": "collects",
    "分享": "shares",
    "转发": "shares",
    "弹幕": "danmaku",
    "净涨粉": "net_followers",
    "涨粉": "net_followers",
    "新增关注": "new_followers",
    "新增粉丝": "new_followers",
    "取消关注": "lost_followers",
    "流失粉丝": "lost_followers",
    "主页访客": "profile_visits",
    "主页访问": "profile_visits",
    "主页转粉率": "profile_follow_rate",
    "总发布": "posts",
    "发布": "posts",
    "发布视频": "video_posts",
    "视频发布": "video_posts",
    "发布图文": "image_posts",
    "图文发布": "image_posts",
    "总粉丝": "followers",
    "粉丝数": "followers",
    "总粉丝数": "followers",
}
_METRICS = {normal_name(name): metric for name, metric in METRICS_OF_SHEETS.items()}
_RATES = frozenset({"cover_ctr", "completion_rate", "profile_follow_rate"})
_SECONDS = frozenset({"avg_watch_seconds", "total_watch_seconds"})
_DAY_NAMES = frozenset({"日期", "date", "统计日期", "时间", "数据日期", "day"})
_VALUE_NAMES = frozenset({"数值", "value", "值", "数据", "数量"})
_SUMMARY_NAMES = frozenset({"指标", "metric", "数据指标", "指标名称"})


def metric_of(name: str) -> str | None:
    """The metric that a sheet or column is called after (``曝光趋势`` → ``impressions``); None when it is unknown."""
    text = normal_name(name)
    for ending in ("趋势图", "趋势", "数据", "变化"):
        text = text.removesuffix(ending)
    return _METRICS.get(text)


def is_series_header(record: Sequence[object]) -> bool:
    """Whether a row is the header of an account sheet: 日期 | 数值, 指标 | 数值, or 日期 and metrics."""
    names = [normal_name(cell) for cell in record if cell is not None and str(cell).strip()]
    if len(names) < 2 or len(names) > 40:
        return False
    if names[0] in _SUMMARY_NAMES:
        return len(names) <= 3 and names[1] in _VALUE_NAMES
    if names[0] not in _DAY_NAMES:
        return False
    return all(name in _VALUE_NAMES or metric_of(name) is not None for name in names[1:])


def read_series(
    path: Path, sheets: Sequence[tuple[str, Sequence[Sequence[object]]]], options: ReadOptions
) -> list[Item]:
    """The points of all ``sheets`` (name, rows from the header on), oldest first.

    A sheet without a name (a csv) takes its metric from ``--map metric=曝光`` or from the file's name.
    Raises InputError when no sheet holds days of a known metric, RefusedError for Douyin's sheets.
    """
    points: list[SeriesPoint] = []
    problems: list[RowProblem] = []
    unknown: list[str] = []
    summaries = 0
    for name, rows in sheets:
        header = [str(cell).strip() for cell in rows[0]]
        if normal_name(header[0]) in _SUMMARY_NAMES:
            summaries += 1
            continue
        for place, column in enumerate(header[1:], 1):
            if not column:
                continue
            metric = metric_of(column) or metric_of(name) or _wished_metric(path, options)
            if metric is None:
                unknown.append(name or column)
                continue
            label = f"{path.name}:{name + '!' if name else ''}"
            for number, row in enumerate(rows[1:], 2):
                if len(row) <= place or not any(str(cell).strip() for cell in row if cell is not None):
                    continue
                try:
                    day = parse_time(row[0], options.exported_at)
                    value = _value(metric, row[place], column + name)
                except ValueError as error:
                    problems.append(RowProblem(f"{label}{number}:{column}", str(error)))
                    continue
                if day is not None and value is not None:
                    points.append(SeriesPoint(metric, day[:10], value))
    if not points and not problems:
        told = "、".join(unknown)
        if any(word in told for word in ("播放", "作品", "粉丝净增", "投稿")):
            raise refuse_platform(PLATFORMS[0], path, because=told)
        if unknown:
            raise InputError(
                _("the metric of these values is not known: {names}").format(names=told),
                where=str(path),
                hint=_("name it, for instance --map metric=曝光"),
            )
        what = (
            _("this sheet holds totals without days; there is nothing to follow over time")
            if summaries
            else _("the sheets are empty")
        )
        raise InputError(what, where=str(path), hint=_("export the whole file as xlsx"))
    points.sort(key=lambda point: (point.metric, point.day))
    return [*points, *problems]


def _wished_metric(path: Path, options: ReadOptions) -> str | None:
    if "metric" in options.mapping:
        wish = options.mapping["metric"]
        metric = metric_of(wish) or (wish if wish in _METRICS.values() else None)
        if metric is None:
            raise InputError(
                _("'{metric}' is not a metric of the account sheets").format(metric=wish),
                where=str(path),
                hint=_("the metrics are: {names}").format(names=", ".join(METRICS_OF_SHEETS)),
            )
        return metric
    # A csv has lost the sheet's name; people keep it in the file's.
    stem = normal_name(path.stem)
    found = [name for name in sorted(_METRICS, key=len, reverse=True) if f"{name}趋势" in stem or stem.endswith(name)]
    return _METRICS[found[0]] if found else None


def _value(metric: str, cell: object, label: str) -> float | None:
    if metric in _RATES:
        return parse_rate(cell, percent="%" in label or "％" in label)
    if metric in _SECONDS:
        return parse_seconds(cell)
    number = parse_count(cell, signed=True)[0]
    return None if number is None else float(number)
