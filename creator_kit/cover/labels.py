"""The AI-content label inside the file (GB 45438-2025): XMP ``TC260:AIGC``, in PNG and JPEG."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"
PNG_XMP_KEY = "XML:com.adobe.xmp"
PNG_TEXT_KEY = "AIGC"
VISIBLE_TEXT = "AI生成"  # 《标识办法》: the word AI or 人工智能 with 生成 or 合成
_ELEMENT = re.compile(r"<TC260:AIGC>(.*?)</TC260:AIGC>|TC260:AIGC=(?:\"([^\"]*)\"|'([^']*)')", re.DOTALL)


@dataclass(frozen=True, slots=True)
class AiLabel:
    """What the implicit label says. ``label`` is "1" (is), "2" (may be) or "3" (suspected) generated content."""

    label: str = "1"
    content_producer: str = ""
    produce_id: str = ""
    content_propagator: str = ""
    propagate_id: str = ""
    reserved_code_1: str = ""
    reserved_code_2: str = ""

    def to_json(self) -> str:
        """The label's JSON with the standard's keys, in its order."""
        return json.dumps(
            {
                "Label": self.label,
                "ContentProducer": self.content_producer,
                "ProduceID": self.produce_id,
                "ReservedCode1": self.reserved_code_1,
                "ContentPropagator": self.content_propagator,
                "PropagateID": self.propagate_id,
                "ReservedCode2": self.reserved_code_2,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )


def write_xmp(label: AiLabel) -> bytes:
    """An XMP packet that carries ``label`` and nothing else."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:TC260="{NAMESPACE}">'
        f"<TC260:AIGC>{escape(label.to_json(), quote=False)}</TC260:AIGC>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def read_ai_label(image: Image.Image) -> AiLabel | None:
    """The label that an opened picture carries in its XMP, or in a PNG's text ``AIGC``; None without."""
    packet = image.info.get("xmp") or image.info.get(PNG_XMP_KEY) or b""
    text = packet.decode("utf-8", "replace") if isinstance(packet, bytes) else str(packet)
    match = _ELEMENT.search(text)
    raw = next((group for group in match.groups() if group), "") if match else ""
    # Some generators write the JSON as it is, some within an object of the label's name.
    raw = unescape(raw) or str(image.info.get(PNG_TEXT_KEY) or "")
    try:
        table = json.loads(raw)
    except ValueError:
        return None
    if isinstance(table, dict) and isinstance(table.get(PNG_TEXT_KEY), dict):
        table = table[PNG_TEXT_KEY]
    if not isinstance(table, dict):
        return None
    keys = {
        "Label": "label",
        "ContentProducer": "content_producer",
        "ProduceID": "produce_id",
        "ContentPropagator": "content_propagator",
        "PropagateID": "propagate_id",
        "ReservedCode1": "reserved_code_1",
        "ReservedCode2": "reserved_code_2",
    }
    return AiLabel(**{name: str(table[key]) for key, name in keys.items() if key in table})
