"""First-person claims: what a sentence says that its author did, has or is."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERBS = (
    "用|买|试|做|吃|喝|穿|洗|擦|住|去|逛|考|学|背|练|跑|瘦|胖|养|带|拍|花|租|搬|踩|坚持|回购|入手|收纳|清理|打扫|煮|炖|炒|蒸|烤"
    "|报名|投|面试|跳槽|辞职|装修|种|订|刷|囤|扔|换|攒|存|省|骑|爬|游|滑|教|修|画|弹|剪|缝|织|喂|读|追|排"
)
_COUNT = r"[0-9一二两三四五六七八九十百几半多]+"
_UNIT = "年|个月|月|天|周|次|遍|件|双|瓶|家|支|款|趟|回|公里|斤|学期|季"
# About the note itself, not about the author's life: "我把步骤写在下面", "我来说说".
_ABOUT_THE_NOTE = r"(?:来|先|再|就|都|把|会|想|觉得|写|列|整理|放|按|帮|们|国|分享|总结|建议|给大家)"
_PATTERNS = (
    rf"我(?!{_ABOUT_THE_NOTE})[^，。！？；、\s｜]{{0,6}}?(?:{_VERBS})(?:了|过|完|到|着|的)",
    rf"我(?!{_ABOUT_THE_NOTE})(?:现在|一直|自己|也|还)?(?:是|在|有|住|身高|体重|今年|家|爸|妈|男朋友|女朋友|室友|老公|老婆|孩子|娃)",
    r"我(?:每天|每周|每次|平时|天天|常|最近|以前|当时|去年|今年)",
    rf"(?:{_VERBS})(?:了|过)(?:整整|快|大概|近)?{_COUNT}(?:多)?(?:{_UNIT})",
    rf"(?:挑战|坚持|连续)[^，。！？\s｜]{{0,4}}?{_COUNT}(?:{_UNIT})",
    r"亲测|实测|自用|自费|亲身|无广|无限回购|无数次回购|空瓶|踩过的?(?:那些)?坑|踩坑|真实体验|本人|被问爆|被追着问|亲妈|我妈|我爸",
)
_CLAIM = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS))
# Said of oneself all the same; one character for one, so that places stay.
_OTHER_SELF = re.compile("咱(?!们)|俺")
# 踩坑 in "别踩坑" and "避免踩坑" is advice, not a confession.
_ADVICE = re.compile(r"(?:别|不|免|少|防止|避免|怕|容易|会|不会|不要|谨防)(?:再|想)?$")


@dataclass(frozen=True, slots=True)
class Claim:
    """``text`` at ``start`` says something about the author that a proof must stand behind."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def find_claims(text: str) -> list[Claim]:
    """First-person claims in ``text``, in order."""
    claims = []
    for match in _CLAIM.finditer(_OTHER_SELF.sub("我", text)):
        if match.group().startswith("踩") and _ADVICE.search(text[: match.start()]):
            continue
        claims.append(Claim(text[match.start() : match.end()], match.start()))
    return claims
