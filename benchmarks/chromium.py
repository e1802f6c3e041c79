"""The other side of ``covers.py``: one headless Chromium, started once and reused, over its own debugging pipe."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


class Chromium:
    """One headless browser with one page, over ``--remote-debugging-pipe`` (file descriptors 3 and 4)."""

    def __init__(self, binary: str) -> None:
        self.profile = tempfile.mkdtemp(prefix="ck-chromium-")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # The shell moves the two ends to 3 and 4, where the browser looks for them.
        command = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--allow-file-access-from-files"]
        self.process = subprocess.Popen(
            [
                "bash",
                "-c",
                command,
                "bash",
                binary,
                *flags,
                "--remote-debugging-pipe",
                f"--user-data-dir={self.profile}",
            ],
            pass_fds=(theirs_in, theirs_out),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.reader, self.writer = os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb")
        self.pending, self.number, self.session = b"", 0, ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=1242, height=1660, deviceScaleFactor=1, mobile=False)

    def call(self, method: str, **params: object) -> dict:
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.writer.write(json.dumps(message).encode() + b"\0")
        self.writer.flush()
        while True:
            answer = self._read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return answer["result"]

    def _read(self) -> dict:
        while b"\0" not in self.pending:
            chunk = self.reader.read1(1 << 20)
            if not chunk:
                raise RuntimeError("the browser went away")
            self.pending += chunk
        line, self.pending = self.pending.split(b"\0", 1)
        return json.loads(line)

    def draw(self, page: Path, out: Path) -> None:
        self.call("Page.navigate", url=page.as_uri())
        self.call("Runtime.evaluate", expression="document.fonts.ready.then(() => 1)", awaitPromise=True)
        kind = {"format": "png"} if out.suffix == ".png" else {"format": "jpeg", "quality": 92}
        out.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", **kind)["data"]))

    def memory_mb(self) -> float:
        """Resident memory of the browser and its children (shared pages counted once, as PSS)."""
        total = 0.0
        for pid in self._list_processes():
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) / 1024
        return total

    def cpu_seconds(self) -> float:
        """Processor time that the browser and its children have used, to a hundredth."""
        ticks = 0
        for pid in self._list_processes():
            with contextlib.suppress(OSError, IndexError):
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _list_processes(self) -> set[int]:
        wanted = {self.process.pid}
        for _depth in range(4):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    with contextlib.suppress(OSError, IndexError):
                        parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                        if parent in wanted:
                            wanted.add(int(entry.name))
        return wanted

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.profile, ignore_errors=True)


@contextlib.contextmanager
def open_chromium() -> Iterator[Chromium | None]:
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None:
        print("no Chromium on this machine: measuring our side only")
        yield None
        return
    browser = Chromium(binary)
    try:
        yield browser
    finally:
        browser.close()
