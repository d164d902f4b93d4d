"""The scripted day: some forty signed webhooks and reports, played against a running desk and accounted for."""

from local.day.balance import Balance
from local.day.desk_view import DayError, DeskSilentError
from local.day.playing import DayOutOfBalanceError, DayResult, play

__all__ = ["Balance", "DayError", "DayOutOfBalanceError", "DayResult", "DeskSilentError", "play"]
