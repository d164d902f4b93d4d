"""A Facebook page: comments, visitors' posts, mentions and recommendations, all of them public.

| what comes | what it becomes |
|---|---|
| comment added | a contact under its root post; a reply to a comment `answers` it |
| comment or post edited, removed | `edited`, `deleted` |
| a visitor's post, photo, share, or an item not known here, with words or pictures | a contact that is its own root |
| mention, recommendation with words | a contact |
| mention without words | a contact with the attachment kind `mention`: the words are to be looked up |
| share or recommendation without words | ignored, counted as `no_words` |
| anything whose author is the page | ignored as `our_own`: the loop guard |
| like, reaction | ignored |
| hide, unhide, block, mute, follow | ignored as `moderation` |
| a change without a value | ignored as `empty` |
| a verb, or a comment without an id, that is not documented | an unreadable card |

- Shapes: `payload.py`; samples: `tests/payloads/facebook_page/`.
- Meta leaves the author out where the writer's settings or our permissions say so: the words reach the desk without a
  person.
- Not every edit has a time of its own, so an edit's name is its time and a digest of its words.
- `edit` and `edited`, `remove` and `delete` both occur.
- A mention of the page in a comment under our own post comes twice, with one id: one contact.
"""
