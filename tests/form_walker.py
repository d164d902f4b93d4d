"""A person who fills in the report form without any script: reads the page, enters, presses a button."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

FIRST_PAGE = "/report"


@dataclass
class ShownPage:
    """What a page offers: its form's fields with their values, its buttons, its text by element."""

    status: int
    html: str
    action: str = ""
    title: str = ""
    heading: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    offered: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self, page: ShownPage) -> None:
        super().__init__()
        self.page = page
        self._open: list[tuple[str, Mapping[str, str]]] = []
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        page, given = self.page, {name: value or "" for name, value in attrs}
        if given.get("id"):
            assert given["id"] not in page.ids, f"two elements are called {given['id']}"
            page.ids.add(given["id"])
        if tag == "form":
            page.action = given["action"]
        elif tag == "input":
            page.offered.add(given["name"])
            if given.get("type") != "radio" or "checked" in given:
                page.fields[given["name"]] = given.get("value", "")
        elif tag == "textarea":
            page.offered.add(given["name"])
            page.fields[given["name"]] = ""
        elif tag == "button":
            page.buttons.append((given.get("name", ""), given.get("value", "")))
        elif tag == "a":
            page.links.append(given.get("href", ""))
        if tag not in {"input", "meta", "link", "br", "path"}:
            self._open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1][0] == tag, f"{tag} closes {self._open[-1][0]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        page, (tag, given) = self.page, self._open[-1] if self._open else ("", {})
        if tag == "textarea":
            page.fields[given["name"]] += data
        elif tag == "title":
            page.title += data
        elif any(one == "h1" for one, _ in self._open):
            page.heading += data.strip()
        elif tag == "a" and given.get("href", "").startswith("#") and data.strip() and "class" not in given:
            page.errors.append(data.strip())
        page.text += data


def shown_page(status: int, html: str) -> ShownPage:
    """The page that this HTML is; markup that does not close what it opens fails the test."""
    page = ShownPage(status, html)
    reader = _Reader(page)
    reader.feed(html)
    reader.close()
    return page


@dataclass
class FormWalker:
    """Goes through the form; `ask` sends a method, a path and the form's fields and gives back a status and HTML."""

    ask: Callable[[str, str, Mapping[str, str] | None], tuple[int, str]]
    page: ShownPage = field(init=False)

    def open(self, path: str = FIRST_PAGE) -> ShownPage:
        """Follow a link."""
        self.page = shown_page(*self.ask("GET", path, None))
        return self.page

    def press(self, button: str = "continue", **entered: str) -> ShownPage:
        """Enter these, and press the button that sends this; both must be on the page."""
        assert ("press", button) in self.page.buttons, f"no {button} among {self.page.buttons}"
        assert entered.keys() <= self.page.offered, f"no {entered.keys() - self.page.offered} on the page"
        fields = {**self.page.fields, **entered, "press": button}
        self.page = shown_page(*self.ask("POST", self.page.action, fields))
        return self.page

    def to_check(self, **answers: str) -> ShownPage:
        """From the first page to the check of all answers, entering whatever a page asks of these."""
        self.open()
        while not self.page.action.endswith("/check"):
            asked = {name: text for name, text in answers.items() if name in self.page.offered}
            before = self.page.action
            self.press("continue", **asked)
            assert self.page.action != before, f"{before}: {self.page.errors}"
        return self.page
