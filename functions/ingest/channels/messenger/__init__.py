"""Messenger: private messages to a page.

| what comes | what it becomes |
|---|---|
| text, quick reply, attachment, location, sticker | a contact; a quick reply without text says its payload |
| `is_unsupported`, or a message with nothing in it | a contact with the attachment kind `unsupported` |
| postback | a contact with the button's title: a person may start that way and wait |
| edit | `edited`, told from the next by `num_edit`; without words it is ignored |
| unsend | `deleted` |
| echo, or anything whose sender is the page | a confirmation, never a contact |
| delivery with `mids` | a confirmation for each |
| delivery without `mids`, read, reaction, referral, opt-in, thread control, cart | ignored, counted by reason |
| policy enforcement | ignored, and counted as `PolicyEnforcement`: the page may be about to lose Messenger |
| standby | as messaging: another app answers there just now, the desk still has to know |
| an item of another shape | an unreadable card |

- The reader is `platforms/meta_messaging.py`, which Instagram shares; samples: `tests/payloads/messenger/`.
- `mid` is the contact's name for ever. A postback of the older kind has none: who and when take its place.
- A sender without an id (a web plug-in's `user_ref`) is no person: the words reach the desk, nothing can be sent back.
- Times come in seconds, milliseconds or ISO 8601 in one and the same field.
- Addresses of attachments stop working after a while.
"""
