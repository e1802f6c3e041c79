"""What the columns of an export mean: the families of exports, and which column is which of our fields.

A column is matched by its name alone, after case, spaces, underscores, brackets and units are taken away: first
against the exact names below, in order of preference, then against the rules for unseen names (``笔记点赞总数``).
So a family's column may move, be missing, or be renamed to a near name, and the file still imports.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Our field ← names that exports use, best first.
_NAMES: dict[str, str] = {
    "note_id": "note_id noteId 笔记id 笔记ID 作品ID 笔记编号 作品编号 feed_id feedid item_id 内容id id",
    "url": "note_url noteUrl 笔记链接 笔记url 笔记地址 官方笔记地址 官方笔记链接 作品链接 note_link noteLink"
    " 原文链接 文章链接"
    " 笔记原文链接 share_url shareUrl 链接 url link 网址 地址",
    "title": "title 笔记标题 标题 作品标题 note_title noteTitle display_title displayTitle 笔记名称 文章标题"
    " 内容标题 name 笔记",
    "body": "desc body 笔记内容 笔记正文 正文 作品描述 描述 笔记描述 内容 note_content noteContent content text"
    " 文案 笔记文案 正文内容 文本"
    " note_desc noteDesc description 详情 笔记详情",
    "tags": "tag_list tagList tags 标签 作品标签 笔记话题 话题 笔记标签 话题标签 hashtags topics 话题列表"
    " note_tags keywords_list hash_tag"
    " 关联话题 参与话题",
    "keyword": "source_keyword sourceKeyword keyword 来源关键词 搜索关键词 搜索词 search_query search_keyword"
    " query 关键词 keywords 监测词",
    "type": "type note_type noteType 笔记类型 作品类型 体裁 笔记体裁 内容类型 内容形式 笔记形式 类型 形式 media_type",
    "likes": "liked_count likedCount like_count likeCount likes 点赞 点赞数 点赞量 点赞数量 笔记点赞数量"
    " note_like_count 获赞数 获赞 赞 点赞次数"
    " 笔记点赞数 likes_count digg_count nice_count",
    "collects": "collected_count collectedCount collect_count collectCount collects 收藏 收藏数 收藏量 收藏数量"
    " 笔记收藏数量 fav_count favCount"
    " note_collection_count favorites favourites 收藏次数 笔记收藏数 collection_count collections favorite_count"
    " fav_num stars bookmarks saves",
    "comments": "comment_count commentCount comments_count commentsCount comments 评论 评论数 评论量 评论数量"
    " 笔记评论数量 note_comment_count"
    " 评论次数 笔记评论数 comment_num",
    "shares": "share_count shareCount shared_count sharedCount shares 分享 分享数 分享量 分享数量 转发 转发数"
    " 转发量 笔记转发数量 分享次数"
    " 转发次数 笔记分享数 note_share_count share_num reposts 笔记转发数",
    "published": "time 首次发布时间 published_at publish_time publishTime 发布时间 笔记发布时间 上传时间"
    " post_time postTime note_publish_time"
    " 首发时间 发表时间 create_time createTime created_at 创建时间 publish_date 发布日期 date 日期 pub_time"
    " upload_time 时间戳 timestamp 时间",
    "published_on": "发布日期 publish_date 笔记发布日期",
    "observed": "last_modify_ts 采集时间 抓取时间 爬取时间 crawl_time crawled_at observed_at scraped_at"
    " search_time collected_at fetch_time"
    " 导出时间 currentTime current_time 数据更新时间 数据时间 add_ts",
    "creator_hash": "creator_hash creatorHash",
    "user_id": "user_id userId userid 用户id 博主id 作者id 达人id author_id authorId 用户ID 博主ID 作者ID uid",
    "red_id": "小红书号 red_id redId 红书号 小红书id 小红书账号",
    "author_url": "博主链接 作者链接 用户主页url 用户主页 主页链接 达人主页 达人链接 user_url author_url 博主主页"
    " 作者主页 达人官方地址 用户链接 profile_url",
    "nickname": "nickname nick_name nickName 昵称 用户名 作者昵称 博主昵称 达人名称 达人昵称 博主名称 博主 作者"
    " 达人 username user_name user_nickname"
    " 用户昵称 作者名称 账号名称 author author_name 发布者",
    "followers": "粉丝数 粉丝量 fans followers follower_count 粉丝 博主粉丝数 达人粉丝数 fans_count"
    " followers_count 粉丝数量 作者粉丝数 author_followers",
    "impressions": "曝光 曝光量 曝光次数 曝光数 impressions impression_count 笔记曝光 笔记曝光量 imp_count 展现量",
    "views": "观看量 观看 阅读量 阅读 观看数 阅读数 观看次数 阅读次数 浏览量 浏览 read_count readCount views"
    " view_count viewCount 小眼睛 笔记阅读量 笔记观看量"
    " 播放阅读量 观看阅读量",
    "cover_ctr": "封面点击率 点击率 cover_ctr cover_click_rate ctr 封面点击",
    "new_followers": "涨粉 涨粉数 涨粉量 新增关注 新增粉丝 new_followers rise_fans_count 关注数 吸粉 新增粉丝数"
    " 笔记涨粉 直接涨粉数 increase_fans",
    "avg_watch_seconds": "人均观看时长 平均观看时长 人均观看时间 平均播放时长 avg_watch_s avg_watch_seconds"
    " view_time_avg 平均阅读时长 人均阅读时长",
    "danmaku": "弹幕 弹幕数 弹幕量 danmaku danmaku_count",
    "platform": "platform 平台 来源平台 所属平台 媒体平台 渠道",
    "image_count": "图片数量 image_count",
}
FIELDS = tuple(_NAMES)

# For names that no export was seen to use yet: (field, must match, must not match), tried in order.
_RULES: tuple[tuple[str, str, str], ...] = (
    ("note_id", r"^(?:笔记|作品|note|feed|works?|post)(?:唯一)?(?:id|编号)$", ""),
    (
        "url",
        r"(?:笔记|作品|note|原文|works?|post).*(?:链接|地址|url|link)",
        r"图|视频|封面|头像|下载|动图|主页|短链|cover|image|video|avatar",
    ),
    (
        "likes",
        r"点赞|获赞|like|赞数|赞量",
        r"获赞与收藏|赞藏|率|环比|占比|作者|博主|达人|账号|评论点赞|total|rate|is|趋势|预估|比$|粉丝|均|状态|时间|用户|unlike",
    ),
    (
        "collects",
        r"收藏|collect|favou?r|fav(?:num|count|s)?$",
        r"获赞与收藏|赞藏|率|环比|占比|作者|博主|达人|账号|total|rate|^is|趋势|预估|比$|均|状态|时间|time|用户|夹|url",
    ),
    (
        "comments",
        r"评论|comment",
        r"内容|率|环比|占比|作者|rate|趋势|预估|比$|均|id|list|列表|首评|用户|时间|热评|点赞|关键词|content|text|状态",
    ),
    ("shares", r"分享|转发|share|repost", r"率|环比|占比|rate|趋势|预估|比$|均|url|链接|info|用户|时间|状态"),
    ("title", r"标题|title", r"视频标题链接|标题数|封面|cover"),
    ("tags", r"话题|标签|tags?$|hashtag|topic", r"数$|量$|id|封面|类目|达人|博主|作者|用户|人群|账号|粉丝"),
    (
        "body",
        r"正文|文案|笔记内容|笔记描述|作品描述|笔记详情|desc$|description$|notecontent|bodytext",
        r"字数|长度|数$|链接|url|封面|作者|博主|达人|账号|用户|分类|类型|形式",
    ),
    (
        "published",
        r"(?:发布|发表|上传|首发|发文|创建|publish|release|post|creat|upload).*(?:时间|日期|time|date|at$)",
        r"更新|编辑|采集|注册|update",
    ),
    ("observed", r"(?:采集|抓取|爬取|导出|获取|crawl|scrap|fetch|observ|collection).*(?:时间|日期|time|date|at$)", ""),
    ("type", r"(?:笔记|作品|内容|note)?(?:类型|体裁|形式|type)$", r"达人|账号|博主|作者|用户|认证|合作"),
    ("keyword", r"关键词|搜索词|keyword", r"数$|热度|评论"),
    ("user_id", r"(?:用户|博主|作者|达人|发布者|user|author|blogger|creator)(?:唯一)?(?:id|编号)$", ""),
    (
        "author_url",
        r"(?:用户|博主|作者|达人|主页|user|author|profile).*(?:链接|地址|url|link)",
        r"头像|图|picture|avatar|image",
    ),
    (
        "nickname",
        r"(?:用户|博主|作者|达人|账号|发布者|user|author|blogger).*(?:昵称|名称?|name)|昵称|nickname",
        r"链接|url",
    ),
    ("followers", r"粉丝(?:数|量|总数)?$|followers?(?:count|num)?$|fans(?:count|num)?$", r"涨|新增|净增|增|new"),
    ("impressions", r"曝光(?:量|数|次数|人数)?$|impressions?$", r"预估|率|成本"),
    ("views", r"(?:观看|阅读|浏览)(?:量|数|次数)?$|(?:view|read)s?(?:count|num)?$", r"预估|率|成本|time"),
    ("cover_ctr", r"点击率|ctr$", "环比"),
    ("new_followers", r"涨粉|新增关注|新增粉丝|净涨", r"率|环比|成本"),
    ("avg_watch_seconds", r"(?:人均|平均)(?:观看|播放|阅读|停留)(?:时长|时间)", "环比"),
    ("danmaku", r"弹幕", "率"),
    ("platform", r"平台$|platform$", ""),
)
_COMPILED_RULES = tuple(
    (field, re.compile(must), re.compile(unless) if unless else None) for field, must, unless in _RULES
)

# Headings in traditional characters, as far as their words go.
_SIMPLIFIED = str.maketrans(
    "筆記標題內點讚贊數評論發佈時間連結鏈類體觀覽閱讀轉暱稱關鍵詞話籤絲編號採過導帳戶達總尋圖視頻長漲彈擊獲創製說項",
    "笔记标题内点赞赞数评论发布时间连结链类体观览阅读转昵称关键词话签丝编号采过导账户达总寻图视频长涨弹击获创制说项",
)
_UNITS_IN_NAME = re.compile(r"[(（\[【](?:[^()（）\[\]【】]{0,12})[)）\]】]")
_DROPPED = re.compile(r"[\s_\-·.:：/\\\"'*#​\ufeff]+")


def normal_name(column: object) -> str:
    """``column`` as it is compared: ``Note Like Count`` → ``notelikecount``, ``点赞（次）`` → ``点赞``."""
    text = unicodedata.normalize("NFKC", str(column)).strip().lower().translate(_SIMPLIFIED)
    bare = _DROPPED.sub("", _UNITS_IN_NAME.sub("", text))
    return bare or _DROPPED.sub("", text)


def _split_names(names: str) -> list[str]:
    return [normal_name(name) for name in names.split()]


_RANK: dict[str, dict[str, int]] = {}
for _field, _names in _NAMES.items():
    for _place, _name in enumerate(_split_names(_names)):
        _RANK.setdefault(_name, {}).setdefault(_field, _place)


def is_known_name(column: str) -> bool:
    """Whether some export, ours or another's mark, has a column of this name."""
    name = normal_name(column)
    return name in _RANK or any(name in family.marks for family in FAMILIES)


def is_near_name(column: str) -> bool:
    """Whether a short name fits one of the rules for unseen names."""
    name = normal_name(column)
    return len(name) <= 16 and any(
        must.search(name) and not (unless and unless.search(name)) for _, must, unless in _COMPILED_RULES
    )


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of export. ``marks`` are columns that give it away; ``needed`` of them must be there.

    ``own`` says that the sheet is the creator's own. ``overrides`` correct names that mean something else here.
    """

    format_id: str
    marks: frozenset[str]
    needed: int
    own: bool = False
    overrides: tuple[tuple[str, str | None], ...] = ()
    must: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


def _family(
    format_id: str,
    marks: str,
    needed: int,
    *,
    own: bool = False,
    overrides: Mapping[str, str | None] | None = None,
    must: str = "",
    never: str = "",
) -> Family:
    fixed = tuple((normal_name(name), field) for name, field in (overrides or {}).items())
    return Family(
        format_id,
        frozenset(_split_names(marks)),
        needed,
        own,
        fixed,
        frozenset(_split_names(must)),
        frozenset(_split_names(never)),
    )


# From the most particular to the most general: the first with the most of its marks wins.
FAMILIES = (
    _family(
        "mediacrawler",
        "note_id liked_count collected_count comment_count share_count desc last_modify_ts source_keyword"
        " xsec_token image_list tag_list"
        " note_url last_update_time video_url creator_hash ip_location",
        6,
        never="user_nickname search_query",
    ),
    _family(
        "search-list",
        "note_id note_type user_nickname user_avatar liked_count search_time search_query xsec_token desc note_url",
        5,
        must="note_id",
    ),
    _family(
        "xhs-downloader",
        "采集时间 作品ID 作品类型 作品标题 作品描述 作品标签 发布时间 最后更新时间 收藏数量 评论数量 分享数量"
        " 点赞数量 作者昵称 作者ID 作者链接"
        " 作品链接 下载地址 动图地址",
        6,
        overrides={"时间戳": "published"},
    ),
    _family(
        "creator-centre-notes",
        "首次发布时间 体裁 曝光 观看量 封面点击率 涨粉 人均观看时长 弹幕 曝光量 曝光次数 阅读量 点击率 新增关注"
        " 平均观看时长 观看",
        3,
        own=True,
        never="昵称 博主昵称 达人名称 作者昵称 用户名 note_id 笔记ID 作品ID nickname 粉丝数",
    ),
    _family(
        "creator-api",
        "id title post_time read_count like_count fav_count comment_count view_count rise_fans_count",
        5,
        own=True,
        must="read_count",
        never="nickname user_id",
    ),
    _family(
        "spider-xhs",
        "笔记id 笔记url 笔记类型 用户id 用户主页url 昵称 头像url 标题 描述 点赞数量 收藏数量 评论数量 分享数量"
        " 视频封面url 视频地址url"
        " 图片地址url列表 标签 上传时间 ip归属地",
        7,
    ),
    _family(
        "spider-xhs",
        "note_id note_url note_type user_id home_url nickname avatar title desc liked_count collected_count"
        " comment_count share_count video_cover video_addr image_list tags upload_time ip_location",
        9,
        must="upload_time",
    ),
    _family(
        "shemei",
        "笔记ID 笔记链接 笔记类型 笔记标题 笔记内容 笔记话题 点赞量 收藏量 评论量 分享量 更新时间 博主ID 博主链接"
        " 博主昵称 获赞与收藏 博主简介"
        " 图片数量 笔记封面链接 笔记图片链接 笔记视频时长 笔记视频链接",
        6,
    ),
    _family(
        "vendor-list",
        "官方笔记地址 笔记标题 预估阅读量 预估阅读数 互动量 互动数 点赞数 收藏数 评论数 分享数 笔记类型 封面地址"
        " 达人名称 达人昵称 小红书号 粉丝数"
        " 预估曝光量 达人粉丝数 笔记分类 品牌 合作报价",
        6,
        overrides={"关键词": "tags", "笔记关键词": "tags", "核心词": "tags"},
    ),
    _family(
        "selenium-cn",
        "笔记标题 笔记链接 用户ID 用户名 头像链接 IP属地 笔记发布时间 笔记收藏数量 笔记评论数量 笔记点赞数量"
        " 笔记转发数量 笔记内容 关键词",
        6,
    ),
    _family(
        "web-buckets",
        "Note_ID Note_Title User_ID Username Profile_Picture_URL Note_Publish_Time IP_Location Note_Comment_Count"
        " Note_Like_Count"
        " Note_Collection_Count Keywords Note_Content",
        6,
        overrides={"Keywords": "tags"},
    ),
    _family(
        "legacy-2018",
        "id title user_id likes comments stars notes fans collect content",
        6,
        must="stars",
        overrides={"stars": "collects", "collect": None, "notes": None, "fans": "followers"},
    ),
    _family(
        "creator-kit",
        "note_id author title body tags type likes collects comments shares published_at source keyword extra",
        8,
        must="body",
    ),
    _family(
        "initial-state", "noteId likedCount collectedCount commentCount shareCount xsecToken desc tagList imageList", 5
    ),
)
_GENERIC = Family("table", frozenset(), 0)
_OWN_SHEET = next(family for family in FAMILIES if family.format_id == "creator-centre-notes")


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column of a table is which field: ``places`` maps field → index into ``columns``."""

    family: Family
    columns: tuple[str, ...]
    places: Mapping[str, int]

    @property
    def coverage(self) -> int:
        """How many of our fields were found."""
        return len(self.places)

    def name(self, field: str) -> str:
        """The column's own name, for messages."""
        return self.columns[self.places[field]] if field in self.places else field


def find_family(columns: Iterable[object]) -> Family:
    """The family whose marks the columns show; the nameless general one when none does."""
    names = {normal_name(column) for column in columns}
    best, best_share = _GENERIC, 0.0
    for family in FAMILIES:
        hits = len(names & family.marks)
        if hits < family.needed or not family.must <= names or names & family.never:
            continue
        share = hits / len(family.marks) + hits / (len(names) or 1)
        if share > best_share:
            best, best_share = family, share
    return best


def lay_out(columns: Sequence[object], family: Family | None = None) -> Layout:
    """The layout of a table with these ``columns``; of several columns for one field the best name wins."""
    family = find_family(columns) if family is None else family
    overrides = dict(family.overrides)
    claims: dict[str, tuple[int, int]] = {}
    open_columns: list[int] = []
    for place, column in enumerate(columns):
        name = normal_name(column)
        if not name:
            continue
        if name in overrides:
            field = overrides[name]
            if field is not None:
                _claim(claims, field, -1, place)
        elif name in _RANK:
            for field, rank in _RANK[name].items():
                _claim(claims, field, rank, place)
        else:
            open_columns.append(place)
    for place in open_columns:
        name = normal_name(columns[place])
        for field, must, unless in _COMPILED_RULES:
            if must.search(name) and not (unless and unless.search(name)):
                _claim(claims, field, 1000, place)
                break
    places = {field: place for field, (_, place) in claims.items()}
    _settle(places, columns)
    if family is _GENERIC and _is_own_sheet(places):
        family = _OWN_SHEET
    return Layout(family, tuple(str(column) for column in columns), places)


_OWN_FIGURES = frozenset({"impressions", "views", "cover_ctr", "new_followers", "avg_watch_seconds"})
_AUTHOR_FIELDS = frozenset({"nickname", "user_id", "red_id", "author_url", "followers", "creator_hash"})


def _is_own_sheet(places: Mapping[str, int]) -> bool:
    """Whether unseen names are a creator's own list: figures that only the creator sees, and no author."""
    fields = places.keys()
    return "published" in fields and len(_OWN_FIGURES & fields) >= 2 and not _AUTHOR_FIELDS & fields


def _claim(claims: dict[str, tuple[int, int]], field: str, rank: int, place: int) -> None:
    if field not in claims or rank < claims[field][0]:
        claims[field] = (rank, place)


def _settle(places: dict[str, int], columns: Sequence[object]) -> None:
    """Give a column that two fields claim to the one that lacks another."""
    if places.get("published_on") == places.get("published"):
        places.pop("published_on", None)
    if (
        places.get("platform") is not None
        and "platform" in places
        and places["platform"] in (places.get("url"), places.get("title"))
    ):
        places.pop("platform")
    taken: dict[int, str] = {}
    for field in list(places):
        place = places[field]
        if place in taken:
            del places[field]
        else:
            taken[place] = field


def doubled_columns(layout: Layout) -> list[str]:
    """Names that stand over two columns and that a field depends on: which of the two is meant is anyone's guess."""
    counts: dict[str, int] = {}
    for column in layout.columns:
        counts[column.strip()] = counts.get(column.strip(), 0) + 1
    used = {layout.columns[place].strip() for place in layout.places.values()}
    return [name for name, n in counts.items() if n > 1 and name and name in used]
