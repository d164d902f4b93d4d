"""Figures in the words of a report."""

from __future__ import annotations

from datetime import timedelta

from contact_desk.numbers.countries import COUNTRIES

MINUTE, HOUR, DAY = 60, 3600, 86400
TWO_UNITS_FROM = 90
NOTHING = "\u2013"

CHANNELS = {
    "messenger": "Messenger",
    "facebook_page": "Facebook page",
    "instagram": "Instagram",
    "whatsapp": "WhatsApp",
    "x": "X",
    "sms": "Text message",
    "report_form": "Report form",
}
COUNTRY_NAMES = {code: country.name for code, country in COUNTRIES.items()}
LANGUAGES = {
    "en": "English",
    "cy": "Welsh",
    "pl": "Polish",
    "ar": "Arabic",
    "pt": "Portuguese",
    "ro": "Romanian",
    "es": "Spanish",
    "ku": "Kurdish",
    "zh": "Chinese",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "fa": "Farsi",
    "unknown": "not clear",
}


def duration(took: timedelta) -> str:
    """A duration as people say it: `40 s`, `12 min`, `3 h`, `4 days`."""
    seconds = took.total_seconds()
    if seconds < TWO_UNITS_FROM:
        return f"{seconds:.0f} s"
    if seconds < TWO_UNITS_FROM * MINUTE:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < 2 * DAY:
        return (
            f"{seconds / HOUR:.0f} h"
            if seconds >= 10 * HOUR
            else f"{seconds / HOUR:.1f} h".replace(".0 h", " h")
        )
    return f"{seconds / DAY:.0f} days"


def seconds_told(seconds: float | None) -> str:
    """A number of seconds as people say it; a dash for none."""
    return NOTHING if seconds is None else duration(timedelta(seconds=seconds))
