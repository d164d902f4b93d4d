"""Who sits at a workstation's desk: the names behind the stack file's tokens and on the stand-in's sign-in page."""

from __future__ import annotations

# Their role and name, by the token's name.
PEOPLE = {
    "operator": ("operator", "Olivia Operator"),
    "operator2": ("operator", "Owen Operator"),
    "supervisor": ("supervisor", "Sian Supervisor"),
    "publisher": ("publisher", "Parveen Publisher"),
    "auditor": ("auditor", "Aled Auditor"),
}
# What the sign-in page says of a role.
TOLD = {
    "operator": "Operator: takes cases, replies, closes",
    "supervisor": "Supervisor: takes over, approves, sees the whole desk",
    "publisher": "Communications: writes and approves broadcasts, sees no cases",
    "auditor": "Auditor: figures and the audit trail, no cases",
    "visitor": "No role at the desk: sees that they may see nothing",
}
STRANGER = ("visitor", "Vera Visitor")
