"""X: posts that mention, answer or quote the force, in public, and direct messages to it, in private.

One webhook, one account, two envelopes, account activity and the newer X Activity (`platforms/x.py`); samples:
`tests/payloads/x/`.

| what comes | what it becomes |
|---|---|
| `tweet_create_events`; `post.mention.create`, `post.reply.create`, `post.quote.create` | a contact; `answers` a post |
| a later version of a post (`edit_history`, `edit_history_tweet_ids`) | `edited`, under the oldest version's id |
| `tweet_delete_events`; `post.delete` | ours: `our_own` (X tells of no others); anybody else's: `deleted` |
| what the account itself wrote | ignored as `our_own` |
| `retweeted_status`; `post.repost.create`, a reference `retweeted` | ignored as `repost` |
| `direct_message_events`; `dm.received` | a contact in private; from ourselves, as `dm.sent`, a confirmation |
| `chat.received` | a card: somebody wrote, encrypted; X has to be opened to read it |
| `chat.sent`, `chat.conversation.join` (older: `chat.conversation_join`) | ignored |
| likes, follows, blocks, mutes, typing, read receipts, in either envelope | ignored, counted by reason |
| `profile.*`, `spaces.*`, `broadcast.*`, `news.*`, `replay_job_status` | ignored as `system_notice` |
| `user_event`; `oauth.revoke` | ignored, and counted as `AccessRevoked`: nothing more will come |
| a kind of post or message that is not documented | an unreadable card |

- Ids are read as texts only. Integers exceed what many writers of JSON can hold; X's own samples have lost digits. A
  post or message without a text id is an unreadable card, never a contact under a wrong name.
- One post may raise several events (a mention that is a reply): they carry one id, so they are one contact.
- The whole text is in `note_tweet`, `extended_tweet` or `full_text` where there is one; `text` may be cut off.
- The thread is `conversation_id`. Account activity has none: the post answered stands in for it.
- Replies deeper in a thread, posts of protected accounts and other people's deletions are not delivered.
- A repost is known by its reference, never by "RT @" in the text: people write that too.
- Answering: a reply to a post weighs 280 at most, a message 10,000 characters. X takes a reply only where the post
  mentions or quotes the force, so the machine answers in public only an emergency that does (`handle`).
- The echo of a message of ours (`dm.sent`) names no sender: notify knows it by its words.
"""
