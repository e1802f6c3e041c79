"""The page in a real browser: opened, filtered, read, copied from, compared, switched, printed, and checked by axe.

Debian's chromium, driven by Playwright. ``CHROMIUM`` may name another executable.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from showcase import NOW, build_workspace, make_draft, report_on

from creator_kit.drafting import draft_to_json
from creator_kit.handoff import review_in_both, write_handoff
from creator_kit.locale import use_language
from creator_kit.report.build import ReportOptions, write_report
from creator_kit.review import Finding

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra 'dev')")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here (apt-get install chromium)")
PHONE, TABLET, DESKTOP = (390, 844), (820, 1180), (1440, 900)


@dataclass
class Tab:
    """A page of a browser, and everything that it complained about."""

    page: Any
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    use_language("en")
    base = tmp_path_factory.mktemp("site")
    return report_on(build_workspace(base / "home", 12), base / "report").page.as_uri()


@pytest.fixture
def open_tab(browser: Any) -> Iterator[Any]:
    contexts = []

    def open_(url: str, size: tuple[int, int] = DESKTOP, **options: Any) -> Tab:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        contexts.append(context)
        tab = Tab(context.new_page())
        tab.page.on("console", lambda message: tab.complaints.append(message.text))
        tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.page.on("dialog", lambda dialog: (tab.complaints.append(dialog.message), dialog.dismiss()))
        tab.page.on(
            "request",
            lambda request: request.url.startswith(("file:", "data:")) or tab.complaints.append(request.url),
        )
        tab.page.goto(url)
        return tab

    yield open_
    for context in contexts:
        context.close()


def wait_until(page: Any, expression: str) -> None:
    """Playwright's own waiting evaluates in the page, which the policy forbids."""
    for _turn in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never came true: {expression}")


def visible(page: Any, selector: str) -> int:
    return int(page.locator(f"{selector} >> visible=true").count())


def test_filter_and_find(open_tab: Any, url: str) -> None:
    tab = open_tab(url)
    page = tab.page
    assert visible(page, ".card.draft") == 12
    page.select_option("#state", "gaps")
    assert visible(page, ".card.draft") == 3
    assert page.inner_text("#n-shown") == "3"
    page.select_option("#state", "")
    page.fill("#find", "番茄牛腩11")
    assert visible(page, ".card.draft") == 1
    assert visible(page, ".neighbour") == 0
    page.fill("#find", "不存在的词")
    assert visible(page, "#none-fits") == 1
    assert tab.complaints == []


def test_open_a_note_read_it_and_go_back(open_tab: Any, url: str) -> None:
    tab = open_tab(url)
    page = tab.page
    page.locator(".card.draft .open-note[href='#n-d0000000']").click()
    note = page.locator("#n-d0000000")
    page.locator("#n-d0000000.open").wait_for()
    assert page.evaluate("document.activeElement.id") == "n-d0000000"
    for _turn in range(9):  # round and round within the note, and nowhere behind it
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('.note.open')"
        )
    assert note.locator(".carousel figure").count() == 2
    loaded = "[...document.querySelectorAll('#n-d0000000 img')].every(i => i.complete && i.naturalWidth > 0)"
    page.locator("#n-d0000000 img").last.scroll_into_view_if_needed()
    wait_until(page, loaded)
    page.keyboard.press("Escape")
    note.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#n-d0000000"
    page.locator(".card.draft .open-note[href='#n-d0000005']").click()
    page.go_back()
    page.locator("#n-d0000005").wait_for(state="hidden")
    assert tab.complaints == []


def test_findings_stand_beside_their_words_and_gaps_stand_out(open_tab: Any, url: str) -> None:
    tab = open_tab(f"{url}#n-d0000005")
    note = tab.page.locator("#n-d0000005")
    assert note.locator("mark.gap").inner_text() == "［待补：多少钱］"
    mark = note.locator(".part-text.body mark.block").first.bounding_box()
    remark = note.locator(".remarks li.block").first.bounding_box()
    assert mark["x"] + mark["width"] < remark["x"], "at the right of the words"
    narrow = open_tab(f"{url}#n-d0000005", PHONE).page
    assert narrow.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_each_part_is_copied_alone(open_tab: Any, url: str) -> None:
    tab = open_tab(f"{url}#n-d0000005", permissions=["clipboard-read", "clipboard-write"])
    draft = make_draft(5)
    for name, text in (("title", draft.title), ("body", draft.body), ("tags", "#一人食 #番茄牛腩")):
        tab.page.click(f"#n-d0000005 [data-copy='d0000005-{name}']")
        tab.page.wait_for_selector(f"[data-copy='d0000005-{name}'].done")
        assert tab.page.evaluate("navigator.clipboard.readText()") == text
    assert tab.complaints == []


def test_copying_by_hand_where_the_browser_forbids_it(open_tab: Any, url: str) -> None:
    tab = open_tab(f"{url}#n-d0000005")
    tab.page.evaluate("navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false")
    tab.page.click("#n-d0000005 [data-copy='d0000005-title']")
    tab.page.wait_for_selector("#say.on")
    assert tab.page.evaluate("getSelection().toString()") == make_draft(5).title


def test_two_drafts_side_by_side(open_tab: Any, url: str) -> None:
    tab = open_tab(url)
    page = tab.page
    page.check(".pick[value=d0000001]")
    page.check(".pick[value=d0000003]")
    page.click("nav a[href='#compare']")
    page.locator("#compare.active").wait_for()
    assert visible(page, ".side") == 2
    boxes = [page.locator(f".side[data-id={name}]").bounding_box() for name in ("d0000001", "d0000003")]
    assert boxes[0]["y"] == boxes[1]["y"]
    page.click("#clear")
    assert visible(page, ".side") == 12
    assert tab.complaints == []


def test_templates_by_subject_and_tier(open_tab: Any, url: str) -> None:
    tab = open_tab(f"{url}#library")
    page = tab.page
    n_all = int(page.inner_text("#n-templates"))
    page.select_option("#kind", "美食")
    n_food = int(page.inner_text("#n-templates"))
    assert 0 < n_food < n_all
    assert visible(page, ".template") == n_food
    page.select_option("#tier", "common")
    assert 0 < int(page.inner_text("#n-templates")) <= n_food
    assert tab.complaints == []


def test_language_and_theme_are_switched_and_kept(open_tab: Any, url: str) -> None:
    tab = open_tab(url, color_scheme="light")
    page = tab.page
    page.click("nav a[href='#plan']")
    page.locator("#plan.active").wait_for()
    assert visible(page, "#plan .en") > 20
    assert visible(page, ".zh") == 0
    page.click("#language")
    assert visible(page, "#plan .zh") > 20
    assert visible(page, ".en") == 0
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    label = page.locator("nav").first.get_attribute("aria-label")
    assert label == page.locator("nav").first.get_attribute("data-zh")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != ground
    page.reload()
    assert page.evaluate("document.documentElement.dataset.lang + document.documentElement.dataset.theme") == "zhdark"
    assert tab.complaints == []


def test_without_scripts_everything_is_readable(open_tab: Any, url: str) -> None:
    page = open_tab(url, java_script_enabled=False).page
    for part in ("feed", "compare", "forecast", "library", "plan"):
        assert page.locator(f"#{part}").is_visible(), part
    assert visible(page, "#plan .en") > 20
    assert visible(page, ".zh") == 0
    assert visible(page, ".copy") == 0
    assert visible(page, "#find") == 0
    page.locator(".card.draft .open-note[href='#n-d0000005']").click()
    body = page.locator("#d0000005-body")
    assert body.is_visible()
    assert "番茄5号做法" in body.inner_text()
    page.locator("#n-d0000005 .close").click()
    assert not body.is_visible()


@pytest.mark.parametrize("size", [PHONE, TABLET, DESKTOP], ids=["phone", "tablet", "desktop"])
def test_nothing_sticks_out(open_tab: Any, url: str, size: tuple[int, int]) -> None:
    page = open_tab(url, size).page
    for part in ("feed", "compare", "forecast", "library", "plan"):
        page.goto(f"{url}#{part}")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], part


@pytest.mark.usefixtures("bare")
def test_titles_are_cut_after_two_lines(open_tab: Any, tmp_path: Path) -> None:
    root = build_workspace(tmp_path / "home", 0)
    from creator_kit.workspace import open_workspace

    with open_workspace(root) as home:
        draft = make_draft(1, title="很长的标题" * 12)
        home.save_draft(draft.draft_id, topic="", created_on=draft.created_on, document=draft_to_json(draft))
    page = open_tab(report_on(root, tmp_path / "r").page.as_uri(), PHONE).page
    lines = page.evaluate(
        "(() => { const e = document.querySelector('.draft .card-title'); "
        "return [e.clientHeight / parseFloat(getComputedStyle(e).lineHeight), e.scrollHeight > e.clientHeight] })()"
    )
    assert round(lines[0]) == 2
    assert lines[1]


def test_printing_cuts_no_picture(open_tab: Any, url: str, tmp_path: Path) -> None:
    tab = open_tab(url, color_scheme="dark")
    wait_until(
        tab.page, "[...document.querySelectorAll('.card img, .side img')].every(i => i.complete && i.naturalWidth)"
    )
    pdf = tab.page.pdf(path=str(tmp_path / "page.pdf"), format="A4", print_background=True)
    assert pdf.startswith(b"%PDF")
    tab.page.emulate_media(media="print")
    rules = tab.page.evaluate(
        "['.card', '.figure', '.side', '.template'].map(s => getComputedStyle(document.querySelector(s)).breakInside)"
    )
    assert rules == ["avoid"] * 4
    for part in ("feed", "compare", "forecast", "library", "plan"):
        assert tab.page.locator(f"#{part}").is_visible(), part
    assert visible(tab.page, ".controls, .copy, .narrow") == 0
    cut = tab.page.evaluate(
        "[...document.querySelectorAll('.card.draft .cover img')].filter(i => "
        "i.getBoundingClientRect().height > i.parentElement.getBoundingClientRect().height + 1).length"
    )
    assert cut == 0
    ground = tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)", "paper is white"
    assert visible(tab.page, ".entry details, .figure details") == 0
    assert tab.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_tab: Any, url: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed (extra 'dev')")
    tab = open_tab(url, color_scheme=scheme)
    parts = ("feed", "compare", "forecast", "library", "plan", "n-d0000005")
    # Rows of one make say the same: the checker sees the first of each.
    tab.page.evaluate(
        "document.querySelectorAll('.template:nth-child(n+9), .side:nth-child(n+5)').forEach(e => e.remove())"
    )
    for part in parts if scheme == "light" else ("forecast", "plan", "n-d0000005"):
        tab.page.evaluate("id => { location.hash = id }", part)
        tab.page.wait_for_timeout(60)
        assert tab.page.locator(f"#{part}").is_visible()
        # The policy lets no script in that the page does not hold; the checker comes in by the debugger's door.
        options = {"resultTypes": ["violations"]}
        violations = axe.Axe().run(tab.page, options=options).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:160]) for v in violations] == [], part


def test_a_hostile_corpus_executes_nothing(open_tab: Any, hostile_page: Path) -> None:
    tab = open_tab(hostile_page.as_uri())
    for part in ("feed", "n-d0000384", "n-d0000385", "n-d0000386", "compare", "plan"):
        tab.page.goto(f"{hostile_page.as_uri()}#{part}")
        tab.page.wait_for_timeout(30)
    assert tab.page.evaluate("typeof window.pwned") == "undefined"
    assert tab.page.locator("#n-d0000384 .part-text.title").text_content() == "<script>window.pwned=1</script>"
    assert tab.complaints == []


def test_an_injected_script_would_be_stopped_by_the_policy(open_tab: Any, url: str) -> None:
    tab = open_tab(url)
    tab.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.pwned=1\">');"
        "document.body.appendChild(Object.assign(document.createElement('script'), {textContent: 'window.pwned=2'}))"
    )
    tab.page.wait_for_timeout(50)
    assert tab.page.evaluate("typeof window.pwned") == "undefined"
    assert any("Content Security Policy" in text for text in tab.complaints)


def test_a_class(open_tab: Any, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    for number in (1, 2):
        (folder / f"学员{number}").mkdir(parents=True)
        (folder / f"学员{number}" / "课后.json").write_text(draft_to_json(make_draft(number)), encoding="utf-8")
    written = write_report(None, ReportOptions(out=tmp_path / "r", now=NOW, class_dir=folder, persona="dorm-cook"))
    tab = open_tab(written.page.as_uri())
    tab.page.locator(".matrix .open-note").nth(1).click()
    tab.page.locator(".note.open").wait_for()
    assert visible(tab.page, ".note") == 1
    tab.page.locator(".note .close >> visible=true").click()
    tab.page.locator(".note.open").wait_for(state="detached")
    assert visible(tab.page, ".note") == 0
    assert tab.complaints == []


def test_a_pack_opens_on_a_phone(open_tab: Any, tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    Image.new("RGB", (1080, 1440), (200, 60, 60)).save(cover)
    finding = Finding("missing-fact", "missing", "block", "body", "a fact is missing", "creator_kit")
    found = review_in_both(lambda: [finding])
    pack = write_handoff(
        make_draft(1), tmp_path, images=[cover], findings=[finding], forecast=None, findings_in_both=found
    )
    url = (pack.folder / "index.html").as_uri()
    tab = open_tab(url, PHONE, permissions=["clipboard-read", "clipboard-write"])
    tab.page.click("[data-copy='d0000001-title']")
    tab.page.wait_for_selector(".copy.done")
    assert tab.page.evaluate("navigator.clipboard.readText()") == make_draft(1).title
    assert tab.page.evaluate("document.querySelector('.carousel img').naturalWidth") == 1080
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert tab.complaints == []
