"""Where the desk reaches others and is reached: parameters of the stack, each with a default that deploys."""

from __future__ import annotations

from aws_cdk import CfnCondition, CfnParameter, Fn, Stack

URL_PATTERN = "https?://[^\\s]+[^/\\s]"


class Addresses:
    """The platforms' APIs, and the desk's own addresses where they are not those that AWS gives it."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.graph_api = self._given(
            "GraphApiUrl",
            "Meta's Graph API with its version, without a closing slash",
            default="https://graph.facebook.com/v26.0",
        )
        self.x_api = self._given(
            "XApiUrl", "X's API with its version, without a closing slash", default="https://api.x.com/2"
        )
        self.twilio_api = self._given(
            "TwilioApiUrl", "Twilio's API, without a closing slash", default="https://api.twilio.com"
        )
        self._console = self._parameter(
            "ConsoleUrl",
            "Base of the links in operator alerts, without a closing slash; empty for the console's own",
        )
        self._public = self._parameter(
            "PublicUrl",
            "Where platforms reach the API, without a closing slash; empty for the API's own address",
        )
        self._pages = self._parameter(
            "PagesUrl",
            "Where the public finds the pages, without a closing slash; empty for the distribution's own",
        )

    def console(self, own: str) -> str:
        """Where the operators' screen is, `own` unless a parameter says otherwise."""
        return self._or(self._console, own)

    def public(self, own: str) -> str:
        """Where platforms reach the API, `own` unless a parameter says otherwise."""
        return self._or(self._public, own)

    def pages(self, own: str) -> str:
        """Where the public finds the pages, `own` unless a parameter says otherwise."""
        return self._or(self._pages, own)

    def _given(self, name: str, description: str, *, default: str) -> str:
        return CfnParameter(
            self._stack, name, allowed_pattern=URL_PATTERN, default=default, description=description
        ).value_as_string

    def _parameter(self, name: str, description: str) -> CfnParameter:
        return CfnParameter(
            self._stack, name, allowed_pattern=f"({URL_PATTERN})?", default="", description=description
        )

    def _or(self, parameter: CfnParameter, own: str) -> str:
        empty = CfnCondition(
            self._stack,
            f"No{parameter.node.id}",
            expression=Fn.condition_equals(parameter.value_as_string, ""),
        )
        return Fn.condition_if(empty.logical_id, own, parameter.value_as_string).to_string()
