"""What is not ours to read, refused by its name: other platforms' exports, and files of comments or authors.

Half-reading such a file would be worse than refusing it: a Douyin "播放量" is no Xiaohongshu "观看量".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from creator_kit.corpus.readers.families import normal_name
from creator_kit.errors import RefusedError
from creator_kit.locale import _, pick


@dataclass(frozen=True, slots=True)
class Platform:
    """Another platform: its names, columns that only it has, sets of columns that give it away together, hosts."""

    zh: str
    en: str
    sure: frozenset[str]
    together: tuple[frozenset[str], ...]
    hosts: tuple[str, ...]
    aliases: tuple[str, ...]


def _names(text: str) -> frozenset[str]:
    return frozenset(normal_name(name) for name in text.split())


def _platform(zh: str, en: str, sure: str, together: Sequence[str], hosts: str, aliases: str) -> Platform:
    return Platform(
        zh,
        en,
        _names(sure),
        tuple(_names(names) for names in together),
        tuple(hosts.split()),
        (*aliases.split(), zh, en.lower()),
    )


PLATFORMS = (
    _platform(
        "抖音",
        "Douyin",
        "5s完播率 2s跳出率 粉丝增量 aweme_id aweme_type aweme_url sec_uid digg_count 抖音号 抖音链接 投稿量"
        " 条均播放量 播放完播率 作品分享量 条均5s完播率",
        [
            "作品名称 播放量",
            "作品名称 完播率",
            "作品名称 审核状态",
            "主页访问量 播放量",
            "播放量 完播率 点赞量",
            "日期 播放量",
            "作品标题 播放量",
        ],
        "douyin.com iesdouyin.com",
        "douyin dy aweme",
    ),
    _platform(
        "视频号",
        "WeChat Channels",
        "设为铃声 设为状态 转发聊天和朋友圈 视频号 视频号名称 设为铃声数 设为状态数",
        ["视频描述 喜欢", "视频描述 推荐", "视频描述 关注量", "视频描述 播放量", "视频描述 完播率", "视频id 喜欢 推荐"],
        "channels.weixin.qq.com",
        "channels wechat_channels weixin_channels",
    ),
    _platform(
        "公众号",
        "WeChat official account",
        "公众号消息阅读次数 送达人数 阅读原文次数 微信收藏人数 在看数 在看 阅读后关注人数 首次分享次数",
        ["内容标题 阅读次数", "内容标题 总阅读人数", "图文标题 阅读人数"],
        "mp.weixin.qq.com",
        "wechat weixin gzh mp",
    ),
    _platform(
        "哔哩哔哩",
        "Bilibili",
        "bvid bv号 avid av号 投币 投币数 硬币 硬币数 稿件标题 稿件名称 三连 up主 video_play_count"
        " video_coin_count video_favorite_count"
        " video_danmaku coin coins 稿件",
        ["播放量 弹幕 投币", "播放 弹幕 硬币", "video_id video_type video_play_count"],
        "bilibili.com b23.tv",
        "bilibili bili b站",
    ),
    _platform(
        "微博",
        "Weibo",
        "微博内容 微博正文 微博id 微博链接 微博地址 微博作者 reposts_count attitudes_count mblogid 发微来源",
        ["create_date_time comments_count shared_count", "博文内容 转发数", "发博时间 转发数", "mid bid"],
        "weibo.com weibo.cn",
        "weibo wb",
    ),
    _platform(
        "快手",
        "Kuaishou",
        "快手号 快手id photo_id viewd_count video_play_url 双击数 双击量",
        ["作品描述 双击"],
        "kuaishou.com gifshow.com chenzhongtech.com",
        "kuaishou ks",
    ),
    _platform(
        "知乎",
        "Zhihu",
        "voteup_count 赞同数 赞同 回答数 question_id 问题标题",
        ["content_id content_type content_text"],
        "zhihu.com",
        "zhihu",
    ),
    _platform("贴吧", "Tieba", "tieba_name tieba_link tieba_id total_reply_num 贴吧名", [], "tieba.baidu.com", "tieba"),
    _platform(
        "Instagram",
        "Instagram",
        "from_home from_hashtags from_explore ig_id instagram_id profile_visits ig_media_id",
        [
            "impressions from_other",
            "caption media_type permalink",
            "account_username reach saves",
            "account_id post_type reach follows",
        ],
        "instagram.com",
        "instagram ig",
    ),
    _platform(
        "Facebook",
        "Facebook",
        "page_total_likes lifetime_post_total_reach lifetime_post_total_impressions lifetime_engaged_users"
        " page_likes engaged_users"
        " reactions_comments_and_shares lifetime_post_consumptions lifetime_post_consumers",
        [
            "page_id page_name permalink",
            "post_message permalink",
            "post_id page_id reach",
            "total_interactions page_total_likes",
        ],
        "facebook.com fb.com fb.watch",
        "facebook fb",
    ),
    _platform(
        "TikTok",
        "TikTok",
        "tiktok_id",
        ["video_link total_views", "video_title total_views total_likes", "post_time video_views profile_views"],
        "tiktok.com",
        "tiktok",
    ),
    _platform(
        "YouTube",
        "YouTube",
        "watch_time video_publish_time impressions_click_through_rate youtube_id average_percentage_viewed",
        ["video_title subscribers views"],
        "youtube.com youtu.be",
        "youtube yt",
    ),
    _platform(
        "X（Twitter）",
        "X (Twitter)",
        "tweet_id tweet_permalink tweet_text retweets retweet_count retweetcount",
        ["post_text reposts impressions"],
        "twitter.com",
        "twitter x",
    ),
)
_OURS = frozenset({"xiaohongshu", "xhs", "小红书", "rednote", "red", "little red book", "小红书笔记", "小红薯", ""})
_BY_ALIAS = {alias.lower(): platform for platform in PLATFORMS for alias in platform.aliases}
_HOST = re.compile(r"^(?:https?://)?(?:[\w\-]+\.)*?([\w\-]+(?:\.[\w\-]+)+)(?:[/?:#]|$)", re.IGNORECASE)
# Columns that only our platform's exports have: they speak louder than one column of another's.
_OUR_MARKS = _names(
    "笔记标题 笔记链接 笔记ID 笔记类型 首次发布时间 笔记内容 官方笔记地址 小红书号 collected_count xsec_token"
)
_COMMENT_MARKS = _names(
    "comment_id parent_comment_id sub_comment_count 评论ID 评论内容 评论id 子评论数"
    " comment_content 父评论ID 评论时间 评论者"
)
_CREATOR_MARKS = _names("follows fans interaction gender 关注数 获赞与收藏 性别 个人简介 简介")
_NOTE_MARKS = _names(
    "title desc note_id 笔记标题 标题 笔记ID 作品ID 笔记链接 note_url content 笔记内容"
    " liked_count 点赞量 点赞数 官方笔记地址 body"
)


def foreign_platform(columns: Iterable[object]) -> tuple[Platform, str] | None:
    """(platform, the column that tells) when ``columns`` are another platform's."""
    names = {normal_name(column): str(column).strip() for column in columns}
    known = names.keys()
    if len(known & _OUR_MARKS) >= 2:
        return None
    for platform in PLATFORMS:
        hits = sorted(known & platform.sure)
        if hits:
            return platform, names[hits[0]]
        for group in platform.together:
            if group <= known:
                return platform, "、".join(names[name] for name in sorted(group))
    return None


def platform_named(value: object) -> Platform | None:
    """The foreign platform that a "platform" cell names; None for ours, for none and for an unknown one."""
    text = str(value or "").strip().lower()
    return None if text in _OURS else _BY_ALIAS.get(text)


def is_ours(value: object) -> bool:
    """Whether a "platform" cell names our platform or nothing."""
    return str(value or "").strip().lower() in _OURS


def platform_of_link(value: object) -> Platform | None:
    """The foreign platform whose host a link has."""
    text = str(value or "")
    if "xiaohongshu.com" in text or "xhslink.com" in text:
        return None  # nearly always
    match = _HOST.match(text.strip())
    if match is None:
        return None
    host = match.group().lower()
    for platform in PLATFORMS:
        if any(re.search(rf"(?:^|[./]){re.escape(known)}(?:[/?:#]|$)", host) for known in platform.hosts):
            return platform
    return None


def refuse_platform(platform: Platform, path: Path, *, because: str = "") -> RefusedError:
    """The refusal of another platform's export, by name."""
    name = pick(platform.zh, platform.en)
    if platform.en[0] in "IX":  # an Instagram, an X
        what = _("this is an {platform} export: only Xiaohongshu exports are read").format(platform=name)
    elif because:
        what = _("this is a {platform} export: it has {column}; only Xiaohongshu exports are read").format(
            platform=name, column=because
        )
    else:
        what = _("this is a {platform} export: only Xiaohongshu exports are read").format(platform=name)
    return RefusedError(
        what,
        where=str(path),
        hint=_("export the notes from Xiaohongshu's creator centre, or give a file of Xiaohongshu notes"),
    )


def wrong_kind(columns: Iterable[object]) -> str | None:
    """A sentence when the columns are those of comments or of authors, not of notes."""
    names = {normal_name(column) for column in columns}
    if normal_name("comment_id") in names or normal_name("评论ID") in names or len(names & _COMMENT_MARKS) >= 2:
        return _("this file holds comments, not notes; notes are in the file called contents")
    if len(names & _CREATOR_MARKS) >= 3 and not names & (_NOTE_MARKS - {normal_name("desc")}):
        return _("this file holds authors, not notes; notes are in the file called contents")
    return None


def check_columns(columns: Sequence[object], path: Path) -> None:
    """Raises RefusedError when the columns are another platform's, or those of comments or authors."""
    found = foreign_platform(columns)
    if found is not None:
        raise refuse_platform(found[0], path, because=found[1])
    sentence = wrong_kind(columns)
    if sentence is not None:
        raise RefusedError(sentence, where=str(path))
