"""Pages for the public: one look, one set of templates, everything escaped, no script.

`page_templates` beside this module holds what pages share: their frame, the look-up form and the style sheet. A
function that renders pages has its own templates in a folder of its own.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

SHARED = Path(__file__).with_name("page_templates")
STYLE_SHEET = (SHARED / "page.css").read_bytes()
# Named by its content: pages that were made by an older release keep the look that they were made for.
STYLE_KEY = f"live/style-{hashlib.sha256(STYLE_SHEET).hexdigest()[:16]}.css"
STYLE_TYPE = "text/css; charset=utf-8"
PAGE_TYPE = "text/html; charset=utf-8"
# What a page may do, its own origin's style and pictures apart: nothing. Forms lead to the origin alone.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


# The rest of what every page carries, whoever serves it.
PAGE_HEADERS = {
    "content-security-policy": PAGE_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
# The operators' screen: its own script and style, calls to its own origin and to whoever signs people in, and nothing
# that a text could turn into markup. Pictures that people sent come as blobs.
CONSOLE_PATHS = "/console*"
CONSOLE_PAGE = "console/index.html"
CONSOLE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self' {sign_in}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# What the front door hands on to the API as it is, in CloudFront's patterns; all else is a page.
API_PATHS = (
    "/desk/*",
    "/report",
    "/report/*",
    "/reports",
    "/health",
    "/live/look-up",
    "/survey/*",
    "/data-deletion/*",
)
# Any map of any site may show the feed.
OPEN_FEED = "/feed/*"


def console_policy(*sign_in: str) -> str:
    """What the operators' screen may do; `sign_in` are the origins of the force's identity provider."""
    return CONSOLE_POLICY.format(sign_in=" ".join(sign_in))


def page_templates(folder: Path) -> Environment:
    """The templates of a folder, over those that all pages share; an unknown name in one is an error."""
    environment = Environment(
        loader=FileSystemLoader([folder, SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["style_path"] = f"/{STYLE_KEY}"
    return environment


def told_moment(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as people read it, on the force's clock: `14:05 on Sunday 22 November 2026`."""
    local = moment.astimezone(zone)
    return f"{local:%H:%M} on {local:%A} {local.day} {local:%B} {local.year}"
