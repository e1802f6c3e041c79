"""Reads a page as a browser would, for tests: its elements, attributes and policy."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.inline: dict[str, list[str]] = {"script": [], "style": []}
        self._in = ""
        self.feed(html)

    @classmethod
    def read(cls, path: Path) -> Page:
        return cls(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._in = tag if tag in self.inline else ""

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in:
            self.inline[self._in].append(data)

    @property
    def policy(self) -> str:
        return next(a["content"] for tag, a in self.elements if a.get("http-equiv") == "Content-Security-Policy")

    def count(self, tag: str, css_class: str = "") -> int:
        return sum(
            name == tag and (not css_class or css_class in a.get("class", "").split()) for name, a in self.elements
        )

    def assert_safe(self) -> None:
        """Nothing runs but the one script whose hash the policy names; nothing is fetched from elsewhere."""
        assert len(self.inline["script"]) == 1
        assert len(self.inline["style"]) == 1
        for kind in ("script", "style"):
            digest = base64.b64encode(hashlib.sha256(self.inline[kind][0].encode()).digest()).decode()
            assert f"{kind}-src 'sha256-{digest}'" in self.policy
        assert "default-src 'none'" in self.policy
        assert "unsafe" not in self.policy
        for tag, attributes in self.elements:
            assert tag not in ("iframe", "object", "embed", "base", "link")
            for name, value in attributes.items():
                assert not name.startswith("on"), (tag, name)
                assert name != "style", (tag, value)
                if name in ("href", "src", "xlink:href", "action", "srcset", "poster"):
                    assert re.match(r"(#|pictures/|images/|drafts-\d+\.html$|index\.html$|data:image/webp;)", value), (
                        value
                    )
        plain = self.html
        for namespace in NAMESPACES:
            plain = plain.replace(namespace, "")
        assert not re.search(r"(?:src|href|url)\W{0,3}(?:https?:)?//", plain)
