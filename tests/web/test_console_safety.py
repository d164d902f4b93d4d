"""What strangers write stays words: in a real browser nothing runs, nothing leads anywhere, nothing breaks."""

from __future__ import annotations

import base64
import hashlib
import itertools
import random
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from contact_desk.attachments import AttachmentCopy, ContactAttachments, CopyState
from contact_desk.contacts import Act
from contact_desk.decisions import Reason
from contact_desk.grades import Grade
from tests.proving import TOLD, Share
from tests.web.operators_desk import OperatorsDesk, Record

MARKUP = (
    "<script>window.ran=1</script>",
    "<img src=x onerror=\"window.ran=1\">",
    "<svg/onload=window.ran=1>",
    "<iframe srcdoc=\"<script>parent.ran=1</script>\"></iframe>",
    "</p></li></ol><h1>Gone</h1>",
    "javascript:window.ran=1",
    "<a href=\"javascript:window.ran=1\">click</a>",
    "{{constructor.constructor('window.ran=1')()}}",
    "${window.ran=1}",
    "\"><style>*{display:none}</style>",
    "<!--", "]]>", "<math><mtext></table><mglyph><style><img src onerror=window.ran=1>",
    "<form action=//evil.example><input name=q autofocus onfocus=window.ran=1>",
    "data:text/html,<script>window.ran=1</script>",
    "https://evil.example/?q=<script>window.ran=1</script>",
    "&lt;script&gt;window.ran=1&lt;/script&gt;",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content=0;url=https://evil.example/>",
    "<object data=javascript:window.ran=1>",
)  # fmt: skip
HIDING = (
    "\u202egnp.exe", "\u2066\u2067\u2069", "pass\u200bword", "\ufeff", "a\u200db", "\u061c", "\u0000\u0007\u001b[31m",
    "\U000e0041\U000e0042", "\u2028\u2029", "\u180e", "\u115f", "\u3164",
)  # fmt: skip
LONG = (
    "🚨" * 15_000,
    "x" * 20_000,
    "مساعدة من فضلك " * 300,
    "\u202e" * 2_000,
    "a\n" * 3_000,
    "Z" + "\u0300" * 500,
    "שלום <b>עולם</b> https://evil.example/" * 50,
    "https://evil.example/" + "a" * 5_000,
)


def hostile_texts(number: int) -> list[str]:
    """The plain ones first, then mixtures of them."""
    known = [*MARKUP, *HIDING, *LONG]
    chance = random.Random(6)
    mixed = (" ".join(chance.sample([*MARKUP, *HIDING], 4)) for _ in itertools.count())
    return [*known[: max(number, len(known))], *itertools.islice(mixed, max(0, number - len(known)))]


@pytest.mark.timeout(900)
def test_hostile_texts_run_nothing_report_nothing_and_leave_the_layout_whole(
    operators: OperatorsDesk, share: Share, record_property: Record
) -> None:
    texts = hostile_texts(share(40, 200))
    made = [
        operators.arrives(
            text,
            name=f"{text[:60]}",
            grade=Grade.RESOLVE,
            reasons=(Reason("rule", "A reason", ("script", text[:30])),),
        )
        for text in texts
    ]
    page = operators.signed_in(viewport={"width": 640, "height": 800})
    violations: list[str] = []
    page.expose_binding("told", lambda _, what: violations.append(what))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', e => told(e.violatedDirective + ' ' + e.blockedURI))"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: violations.append(dialog.message))
    page.goto("/console/")
    page.get_by_role("listitem").first.wait_for()
    for case_id in made:
        page.goto(f"/console/cases/{case_id}")
        page.locator(".timeline .words").first.wait_for()
        if page.get_by_role("button", name="Show all").count():
            page.get_by_role("button", name="Show all").first.click()
        state = page.locator("body").evaluate(
            "body => ({ran: window.ran, wide: document.documentElement.scrollWidth, see: innerWidth,"
            " strange: document.querySelectorAll('main script, main iframe, main img, main object, main style,"
            " main form[action], main base, main svg').length, box: document.querySelector('.reply') !== null})"
        )
        assert state["ran"] is None
        assert state["strange"] == 0
        assert state["wide"] <= state["see"], case_id
        assert state["box"]

    record_property(TOLD, f"{len(made)} hostile texts: {len(violations)} ran or were reported")
    assert violations == []
    assert {url for url in asked if "evil.example" in url} == set()


def test_what_hides_is_shown_and_a_link_is_inert_until_asked(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("See https://evil.example/photo now \u202efdp.exe")
    page = operators.signed_in(path=f"/console/cases/{case_id}")
    words = page.locator(".timeline .words")
    expect(words).to_contain_text("U+202Efdp.exe")
    expect(words.get_by_role("link")).to_have_count(0)
    page.get_by_role("button", name="https://evil.example/photo").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("evil.example")
    link = dialog.get_by_role("link", name="Open it in a new tab")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    page.keyboard.press("Escape")
    expect(words.get_by_role("link")).to_have_count(0)


def test_an_edit_and_a_take_back_are_both_seen(operators: OperatorsDesk) -> None:
    case_id = operators.arrives("He hit me", native_id="m_9", person="6120")
    operators.arrives("He did not hit me", native_id="m_9", person="6120", act=Act.EDITED, event_id="e1")
    operators.arrives("", native_id="m_9", person="6120", act=Act.DELETED, event_id="e2")
    page = operators.signed_in(path=f"/console/cases/{case_id}")
    timeline = page.locator(".timeline")
    for told in ("He hit me", "Edited: now reads", "He did not hit me", "Taken back by its writer"):
        expect(timeline).to_contain_text(told)


def test_the_page_is_served_under_the_strict_policy_and_kept_by_nobody(operators: OperatorsDesk) -> None:
    page = operators.page()
    answer = page.request.get("/console/cases/anything")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-cache"
    assert "<script>" not in answer.text()


def test_a_picture_is_covered_then_blurred_then_clear_and_who_looked_is_written_down(
    operators: OperatorsDesk,
) -> None:
    case_id = operators.arrives("Look at this", attachments=())
    png = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    sha256 = hashlib.sha256(png).hexdigest()
    copy = AttachmentCopy(
        "image",
        state=CopyState.KEPT,
        media_type="image/png",
        sha256=sha256,
        size=len(png),
        key="attachments/a",
    )
    records = operators.desk.records
    records.attachments["a"] = ContactAttachments("a", "messenger", (copy,), None)
    timeline = records.timelines[case_id]
    for name, entry in timeline.items():
        timeline[name] = replace(entry, attachments_id="a")
    operators.desk.evidence.put("attachments/a", png)

    page = operators.signed_in(path=f"/console/cases/{case_id}")
    picture = page.locator(".attachment img")
    expect(page.locator(".attachment")).to_contain_text("kept as evidence")
    expect(picture).to_have_count(0)
    page.get_by_role("button", name="Look at it, blurred").click()
    expect(picture).to_have_class("blurred")
    assert picture.evaluate("one => one.naturalWidth") == 1
    page.get_by_role("button", name="Show it clearly").click()
    expect(picture).to_have_class("")
    assert f"show attachment {sha256}" in [entry.act for entry in records.audit[case_id]]
