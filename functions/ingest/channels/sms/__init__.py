"""Text messages: for people who cannot speak or hear, or must not be heard.

By Twilio's webhook, a form a message (`platforms/sms.py`); samples: `tests/payloads/sms/`.

| what comes | what it becomes |
|---|---|
| a message | a contact in private, named by its `MessageSid` |
| its pictures, films, cards | attachments with media type and address (the address wants the account's credentials) |
| a message with nothing in it | a contact with the attachment kind `unsupported`: somebody did write |
| STOP, START, HELP and their like | a contact like any other |
| `delivered`, of a message of ours | a confirmation |
| `failed`, `undelivered`, `canceled`, of a message of ours | a confirmation that it did not arrive, with `ErrorCode` |
| any other state of a message of ours | ignored as `delivery_status` |
| a message to another number, or by WhatsApp or RCS | ignored as `account_unknown`, which has an alarm |
| a form about something else (a call), or without an id | an unreadable card |

- Twilio heeds STOP by itself: it blocks what we would send, until START. The word still reaches a person: whoever texts
  STOP to the police may be speaking to somebody else, and may be in danger.
- A sender that is no number (an alphanumeric name) cannot be answered: the words arrive without a person.
- The form tells no time: a message is from when we had it.
- `NumMedia` may be wrong; the numbered fields are read as far as they go.
- The signature covers the address that is set at Twilio. It must be `{PublicUrl}/webhooks/sms`, without a query; its
  port may be in it or not. `PublicUrl` is a parameter of the stack, by default the API's own address: the headers of a
  request say what its sender likes.
- The answer is an empty TwiML document. A body in plain text would go out to the person as a message.
- Answering: 1,600 characters at most, by the Messages API; a look-up reads Twilio's own list of messages.
"""
