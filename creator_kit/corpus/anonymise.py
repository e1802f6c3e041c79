"""People stay at the door: ids become keyed hashes, contacts inside texts become placeholders.

A hash is 16 hex digits of BLAKE2b under the workspace's own key, so that the same note or author meets itself
in every export of this workspace and nobody can look an id up outside it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_HASH = re.compile(r"[0-9a-f]{16}")
_PLATFORM_ID = re.compile(r"[0-9a-f]{24}")

PHONE, WECHAT, QQ, EMAIL = "［手机号］", "［微信号］", "［QQ号］", "［邮箱］"
ACCOUNT, LINK, AUTHOR, MENTION = "［账号］", "［链接］", "［作者］", "@用户"

# A nickname of one or two characters is also an ordinary word; masking it would eat the text.
_SHORTEST_NICKNAME = 3
_MAX_CACHED = 200_000


class Anonymiser:
    """Keyed hashes of note ids and authors. ``key`` is the workspace's; raises ValueError when it is empty."""

    def __init__(self, key: bytes) -> None:
        if not key:
            raise ValueError("the anonymising hash needs a key")
        if len(key) > 64:
            key = hashlib.blake2b(key).digest()
        self._notes = hashlib.blake2b(b"note\0", key=key, digest_size=8)
        self._authors = hashlib.blake2b(b"author\0", key=key, digest_size=8)
        self._known: dict[str, str] = {}

    def note(self, note_id: str) -> str:
        """The hash of a platform's note id."""
        state = self._notes.copy()
        state.update(note_id.encode() if note_id.isascii() else note_id.encode("utf-8", "replace"))
        return state.hexdigest()

    def author_of_id(self, user_id: str) -> str:
        """The hash of an author's platform id.

        MediaCrawler wrote the id itself until July 2026 and then the first 16 hex digits of its SHA-256; both
        are brought to the second form, so that an author's old and new notes stay together.
        """
        known = self._known.get(user_id)
        if known is None:
            digest = hashlib.sha256(user_id.encode("utf-8", "replace")).hexdigest()[:16]
            known = self._remember(user_id, self._author(digest))
        return known

    def author_of_digest(self, digest: str) -> str:
        """The hash of an author given as MediaCrawler's ``creator_hash``."""
        known = self._known.get(digest)
        return known if known is not None else self._remember(digest, self._author(digest))

    def author_of_name(self, name: str) -> str:
        """The hash of an author known by name or account only."""
        return self._author("name\0" + name)

    def _author(self, text: str) -> str:
        state = self._authors.copy()
        state.update(text.encode("utf-8", "replace"))
        return state.hexdigest()

    def _remember(self, text: str, value: str) -> str:
        if len(self._known) >= _MAX_CACHED:
            self._known.clear()
        self._known[text] = value
        return value


def is_hash(text: str) -> bool:
    """Whether ``text`` is already one of our 16-digit hashes."""
    return len(text) == 16 and _HASH.fullmatch(text) is not None


def is_platform_id(text: str) -> bool:
    """Whether ``text`` has the form of the platform's ids (24 hex digits)."""
    return len(text) == 24 and _PLATFORM_ID.fullmatch(text) is not None


# --- texts ---------------------------------------------------------------------------------------------------

# Every contact holds, or ends in, five such characters in a row, a phone number in groups of digits too. One scan for
# that spares nearly all texts; in the others only these places are looked at, backwards for a keyword. (The first
# character stands alone so that the scan can jump from one candidate to the next: it halves the time.)
_SUSPECT = re.compile(r"[0-9A-Za-z_\-０-９][0-9A-Za-z_\- ０-９]{4,}")
_RUN = re.compile(r"[0-9A-Za-z_\-][0-9A-Za-z_\-]{4,}")
_FULL_WIDTH = re.compile(r"[０-９]{5,}")
_GROUPED_PHONE = re.compile(r"1[3-9][0-9] [0-9]{4} [0-9]{4}(?![0-9])")

_URL = re.compile(
    r"(?:https?://|www\.|xhslink\.com/)[^\s\u3000-\u9fff，。！？；：、（）【】《》“”［］]{2,}", re.IGNORECASE
)
_EMAIL = re.compile(r"[0-9A-Za-z._%+\-]{1,64}[@＠][0-9A-Za-z\-]{1,63}(?:\.[0-9A-Za-z\-]{1,63}){1,4}")
_PHONE = re.compile(r"(?:86-?)?1[3-9][0-9]-?[0-9]{4}-?[0-9]{4}|0[0-9]{2,3}-[1-9][0-9]{6,7}|[48]00-[0-9]{3}-?[0-9]{4}")

# What may stand before an id, looking back from it.
_KEYWORD = re.compile(
    r"(?:(?P<wechat>微信|薇信|威信|徽信|溦信|微❤️?|微x|薇❤️?|卫星|绿泡泡|绿色软件|加我?[v薇]|[➕＋+]\s?[v薇]|[v微薇]信|v❤️?"
    r"|(?<![a-z0-9])(?:vx|wx|wechat|weixin))"
    r"|(?<![a-z0-9])(?P<letter>v)"
    r"|(?P<qq>(?<![a-z])qq|扣扣|企鹅|秋秋)(?:交流|粉丝|学习)?群?"
    r"|(?P<account>小红书|抖音|快手|微博|b站|小红薯|红薯)(?=账号|帐号|号|id)(?:账|帐)?"
    r"|(?P<phone>手机|电话|热线|联系方式|致电|(?<![a-z])tel|☎️?|📞))"
    r"\s*(?:号码?|id|同号|联系)?\s*(?P<mark>[:：=＝👉➡️→～~是]+)?\s*",
    re.IGNORECASE,
)
# The last character of a keyword or of what joins it to an id, so that most words are passed at a glance.
_KEYWORD_ENDS = frozenset("信❤️x星泡件v薇tnq扣鹅秋群号码d联系机话线式电☎📞l:：=＝👉➡→～~是XVTNQDL")
_ID_LETTERS = re.compile(r"[A-Za-z][0-9A-Za-z_\-]{5,19}")
_ID_DIGITS = re.compile(r"[0-9]{5,11}")
# What follows a bare number and makes it a price, a count or a date.
_UNIT = re.compile(r"[.．][0-9]|\s?(?:元|块|万|千|人|个|年|月|日|号|次|条|粉|件|份|阅读|[kKwW+%￥¥])")
_JOINED = re.compile(r"(vx|wx|qq|tel|v)([0-9]{5,11})", re.IGNORECASE)
_PLUS = ("加", "+", "➕", "＋")
_PLUS_OR_ME = (*_PLUS, "我")
_PLACEHOLDERS = {"wechat": WECHAT, "letter": WECHAT, "qq": QQ, "account": ACCOUNT, "phone": PHONE}

# A mention ends at a space; a name runs into the text only where the author left the space out.
_MENTION = re.compile(
    r"[@＠](?!用户)(?![\s@＠])[^\s@＠#＃\[\]，。！？,!?;；:：、…~～()（）<>《》“”\"'’‘【】|｜/\\「」\u200b\ufeff［］]{1,24}"
)


def mask_people(text: str, nickname: str = "") -> str:
    """``text`` with phone numbers, WeChat and QQ ids, e-mail addresses, account ids, links and @names masked.

    Prices (``13800元``), dates and other numbers stay. ``nickname`` is the author's own, masked where it is
    long enough not to be an ordinary word. Idempotent; nearly free for a text without contacts.
    """
    if len(nickname) >= _SHORTEST_NICKNAME and nickname in text:
        text = text.replace(nickname, AUTHOR)
    if _SUSPECT.search(text) or "@" in text or "＠" in text:
        return _mask(text)
    return text


def _mask(text: str) -> str:
    if "://" in text or "www." in text or "xhslink" in text:
        text = _URL.sub(LINK, text)
    if "@" in text or "＠" in text:
        text = _MENTION.sub(MENTION, _EMAIL.sub(EMAIL, text))
    if _GROUPED_PHONE.search(text):
        text = _GROUPED_PHONE.sub(_mask_grouped, text)
    if _FULL_WIDTH.search(text):
        text = _FULL_WIDTH.sub(_mask_run, text)
    return _RUN.sub(_mask_run, text)


def _mask_grouped(match: re.Match[str]) -> str:
    before = match.string[: match.start()][-1:]
    return match.group() if before.isdigit() or before == "." else PHONE


def _mask_run(match: re.Match[str]) -> str:
    """The run itself, or a placeholder where it is a phone number or an id behind a keyword."""
    run, text, start = match.group(), match.string, match.start()
    before = text[start - 1] if start else ""
    plain = run if run.isascii() else unicodedata.normalize("NFKC", run)
    if not plain.isalpha():
        if len(plain) > 9 and before != "." and _PHONE.fullmatch(plain):
            return PHONE
        if plain[:5].lower() == "wxid_" and len(plain) > 9:
            return WECHAT
        joined = _JOINED.fullmatch(plain) if plain[0] in "vwqtVWQT" else None
        if joined and _UNIT.match(text, match.end()):
            joined = None
        if joined and (joined[1].lower() != "v" or len(joined[2]) == 11 or before in _PLUS):
            return joined[1] + (QQ if joined[1].lower() == "qq" else PHONE if joined[1].lower() == "tel" else WECHAT)
        if plain[0] in "vV" and before in _PLUS_OR_ME and _ID_LETTERS.fullmatch(plain[1:]):
            return plain[0] + WECHAT
    if before == " ":
        before = text[start - 2] if start > 1 else ""
    if before not in _KEYWORD_ENDS:
        return run
    context = text[max(0, start - 20) : start]
    for keyword in _KEYWORD.finditer(context):
        if keyword.end() == len(context):
            break
    else:
        return run
    kind = keyword.lastgroup if keyword.lastgroup != "mark" else _kind_of(keyword)
    if _ID_DIGITS.fullmatch(plain):
        masked = (kind != "letter" or keyword["mark"]) and not _UNIT.match(text, match.end())
    elif kind == "account":
        masked = True
    elif kind in ("wechat", "letter"):
        masked = bool(_ID_LETTERS.fullmatch(plain)) and (
            bool(keyword["mark"]) or (kind == "wechat" and not plain.replace("-", "").isalpha())
        )
    else:
        masked = False
    return _PLACEHOLDERS[kind or "wechat"] if masked else run


def _kind_of(keyword: re.Match[str]) -> str:
    return next(kind for kind in _PLACEHOLDERS if keyword[kind] is not None)
