"""How people look at a page: on a phone, zoomed to twice its size, with larger text; and what they miss then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

HEIGHT = 900

CUT_OFF = """(whole) => {
  const cut = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const own = node.parentElement;
    if (node.data.trim() === "" || own.closest(whole) || !own.checkVisibility({ visibilityProperty: true })) continue;
    const words = document.createRange();
    words.selectNodeContents(node);
    for (const word of words.getClientRects()) {
      if (word.width < 2) continue;
      if (word.right > innerWidth + 1 && !scrolls(own)) {
        cut.push(`${own.className || own.tagName} runs out: ${node.data.slice(0, 40)}`);
        break;
      }
      const box = hiding(own, word);
      if (box !== null) {
        cut.push(`${own.className || own.tagName} in ${box}: ${node.data.slice(0, 40)}`);
        break;
      }
    }
  }
  return cut;

  function scrolls(from) {
    for (let one = from; one !== null; one = one.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(one).overflowX)) return true;
    }
    return false;
  }
  function hiding(from, word) {
    for (let one = from; one !== null && one !== document.body; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (["auto", "scroll"].includes(style.overflowX) || ["auto", "scroll"].includes(style.overflowY)) return null;
      if (!["hidden", "clip"].includes(style.overflowX) && !["hidden", "clip"].includes(style.overflowY)) continue;
      const box = one.getBoundingClientRect();
      const out = word.right > box.right + 2 || word.left < box.left - 2 || word.bottom > box.bottom + 4;
      if (out) return one.className || one.tagName;
    }
    return null;
  }
}"""


@dataclass(frozen=True, slots=True)
class Look:
    """A width in CSS pixels, how many of the screen's pixels each of them is, and the size of text."""

    name: str
    width: int
    height: int = HEIGHT
    scale: int = 1
    text: str = ""


SMALLEST = Look("320 px", 320)
# Zoomed to twice its size, a window has half the CSS pixels each way, and each is two of the screen's.
ZOOMED = Look("200 % zoom", 640, 450, scale=2)
LARGE_TEXT = Look("text of 200 %", 1280, text="200%")
LOOKS = (SMALLEST, ZOOMED, Look("1280 px", 1280), LARGE_TEXT, Look("2560 px", 2560))


@contextmanager
def looked_at(page: Page, look: Look) -> Iterator[None]:
    """The page as somebody with this look has it before them."""
    page.set_viewport_size({"width": look.width, "height": look.height})
    glass = page.context.new_cdp_session(page)
    if look.scale > 1:
        glass.send(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": look.width,
                "height": look.height,
                "deviceScaleFactor": look.scale,
                "mobile": False,
            },
        )
    set_text = (
        "size => { document.documentElement.style.fontSize = size; dispatchEvent(new Event('resize')) }"
    )
    page.evaluate(set_text, look.text)
    page.wait_for_timeout(80)
    yield
    if look.text:
        page.evaluate(set_text, "")
    if look.scale > 1:
        glass.send("Emulation.clearDeviceMetricsOverride")
    glass.detach()


def faults_of(page: Page, look: Look, whole_elsewhere: str = ":not(*)") -> list[str]:
    """What axe finds, what runs out of the page, and what words are cut off and do not stand whole elsewhere."""
    with looked_at(page, look):
        found = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found.append(f"{wide} px too wide")
        return found + [f"cut off: {one}" for one in page.evaluate(CUT_OFF, whole_elsewhere)]


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}" for one in found]
