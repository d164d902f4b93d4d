"""Instagram: private messages to an account, and what people write in public under its media or about it.

| what comes | what it becomes |
|---|---|
| message, story reply, story mention, tap, edit, unsend, echo | as on Messenger: `platforms/meta_messaging.py` |
| a story answered | a contact with the attachment kind `story`, beside the words |
| comment, live comment | a public contact under its media; a reply to a comment `answers` it |
| a comment without words (a GIF, say) | a contact with the attachment kind `unsupported` |
| mention | a public contact; the platform names ids only, so it has the attachment kind `mention` and no words |
| a comment whose author is the account | ignored as `our_own`: the loop guard |
| read, reaction, referral, opt-in, thread control | ignored, counted by reason |
| story insights and every other field | ignored as `channel_unknown` |

- Conversations come in `messaging`; comments and mentions in `changes`, or flat in the entry where the app uses the
  Instagram login. All three are framed in `platforms/meta.py`.
- Echoes come among the messages, without a subscription of their own, and without our metadata.
- A comment has no time of its own: the envelope's is used.
- No event tells that a comment was deleted.
- Shapes: `payload.py`; samples: `tests/payloads/instagram/`.
"""
