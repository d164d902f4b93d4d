"""WhatsApp: private messages to a phone number of the force, by the Cloud API.

| what comes | what it becomes |
|---|---|
| text, media with or without caption, location | a contact |
| button, interactive reply | a contact with what stood on the button; of a form, its answers |
| contact cards, order | a contact with an attachment of that kind; the cards' names and numbers are its words |
| unsupported, unknown | a contact with the attachment kind `unsupported`: somebody did write |
| a type that is not known here | a contact with an attachment of that kind |
| edit, revoke | `edited`, `deleted` of the original |
| reaction, request to be welcomed, system (a number changed) | ignored, counted by reason |
| status `sent`, echo of the phone's own app | a confirmation that it was sent |
| status `delivered`, `read`, `played` | a confirmation that it arrived |
| status `failed` | a confirmation that it did not arrive, with the first error's code |
| status of any other kind | ignored as `delivery_status` |
| errors beside the messages | ignored as `platform_error` |
| `standby` | as `messages`: another sender answers there just now, the desk still has to know |
| every other field (account, templates, quality, history) | ignored as `channel_unknown` |

- The account is the `phone_number_id`; the entry's own id, the business account, may have several. One change holds
  many messages and statuses: each is an event of its own (`split`), with its writer's card of `contacts`.
- A person is named by the business-scoped user id where there is one, because the phone number may be absent: people
  with a username need not show it. A new number gives a new id, and so another person to the desk.
- A message from a group is its writer's; the desk does not write into groups.
- `delivered` is left out where a message is read at once, so `read` and `played` stand for it too.
- Media are named by id. The address behind it is asked for with a token, and good for minutes.
- Times are seconds, written as text.
- Shapes: `payload.py`; samples: `tests/payloads/whatsapp/`. Source: the WhatsApp Business Platform's webhook reference.
"""
