"""The script of the day: some forty deliveries, ordinary and awkward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from local.day import messenger, page_comments, text_messages, x_webhook
from local.day.deliveries import Delivery, Outcome
from local.day.fresh_ids import FreshIds
from local.day.messenger import Messenger
from local.day.meta_webhook import MetaWebhook
from local.day.page_comments import PageComments
from local.day.report_form import ReportForm
from local.day.text_messages import TextMessages
from local.day.x_webhook import XWebhook
from local.stack_file import Secrets

KNIFE = "there is a man with a knife outside my house"


def write_script(
    accounts: Mapping[str, str],
    secrets: Secrets,
    api_url: str,
    *,
    media_url: str,
    seed: int,
    began: datetime,
) -> list[Delivery]:
    """The deliveries of one run in the order of their waves.

    `accounts` maps channels to the force's own ids; a force without X or text messages has none of theirs in its day.
    Below `media_url` lie the files that people attach.
    """
    ids = FreshIds(seed, began)
    webhook = MetaWebhook(secrets.meta.app_secret)
    private = Messenger(accounts[messenger.CHANNEL], webhook, ids)
    public = PageComments(accounts[page_comments.CHANNEL], ids.post_number(), webhook, ids)
    written = [
        *messages(private),
        *photos(private, media_url),
        *comments(public),
        *reports(ReportForm(ids)),
        *rejects(private),
    ]
    if x_webhook.CHANNEL in accounts:
        written += on_x(XWebhook(accounts[x_webhook.CHANNEL], secrets.x.consumer_secret, ids))
    if text_messages.CHANNEL in accounts:
        number = accounts[text_messages.CHANNEL]
        written += by_text(TextMessages(number, secrets.sms.auth_token, api_url, ids))
    return sorted(written, key=lambda delivery: delivery.wave)


def messages(private: Messenger) -> Iterator[Delivery]:
    """What people write to the page, and what becomes of it."""
    hours = private.message("an ordinary question", "What time does your front desk open on a Sunday?")
    yield hours
    yield private.more("thanks, same conversation", "thanks, that's all I needed", hours)
    bike = private.message("another question", "My bike was stolen in March. How do I get the crime number?")
    yield bike
    yield once_more("the same bytes once more", bike)
    yield private.answered_elsewhere(
        "an answer from the page inbox", "It is on the back of your letter.", bike
    )
    knife = private.message("an emergency in private", KNIFE)
    yield knife
    yield private.more("a second one, same conversation", "hes trying the front door now please hurry", knife)
    yield private.message(
        "a cat up a tree", "not an emergency, my cat is up a tree and has been since last night"
    )
    yield private.message("a blocked drain", "theres a blocked drain outside our house and it stinks")
    yield private.message(
        "a question in Welsh", "Bore da, sut ydw i'n rhoi gwybod am sŵn gan gymdogion bob nos?", escaped=False
    )
    yield private.message("a question in Polish", "Dzień dobry, gdzie mogę zgłosić zgubiony paszport?")
    yield private.message(
        "found property, with emoji", "Found a purse on the 82 bus 👛 where do I hand it in? 🙏"
    )
    yield private.message(
        "thanks for an officer", "Please thank PC Ellis who sat with my nan on Tuesday night"
    )
    yield private.several(
        "three people in one delivery",
        (
            "is the crime prevention survey a scam?",
            "do you still do bike marking",
            "how do I join the specials",
        ),
    )
    street = private.message("a message edited later", "Theres a broken street light on Mil Lane")
    yield street
    yield private.edit("that message, edited", "There's a broken street light on Mill Lane", street)
    brother = private.message("a message withdrawn later", "is my brother in your custody? his name is Sam")
    yield brother
    yield private.unsend("that message, withdrawn", brother)
    watermark = private.ids.now_ms()
    yield private.notice("a read receipt", hours, read={"watermark": watermark})
    yield private.notice("a delivery receipt", hours, delivery={"watermark": watermark})
    yield private.notice("a thumbs-up", hours, reaction={"mid": "m_answer", "action": "react", "emoji": "👍"})


def photos(private: Messenger, media_url: str) -> Iterator[Delivery]:
    """What people attach: a photo that is kept, and links of every bad kind, refused one by one."""

    def file(name: str, kind: str = "image") -> dict[str, object]:
        return {"type": kind, "payload": {"url": f"{media_url}/{name}"}}

    rubbish = "someone has dumped a load of rubbish in our alley"
    yield private.message("a photo with words", rubbish, attachments=[file("alley.png")])
    bad = [*map(file, ("to_metadata.png", "page.png", "short.png", "expired.png")), file("huge.mp4", "video")]
    yield private.message("photos behind bad links", "and these are of last week", attachments=bad)
    yield private.message(
        "a photo whose link hangs", "this is the van that brought it", attachments=[file("hangs.png")]
    )


def comments(public: PageComments) -> Iterator[Delivery]:
    """What people say under a post, and what becomes of it."""
    road = public.comment("a question on the page", "is the road open yet?")
    yield road
    yield public.comment("an emergency in public", KNIFE)
    yield public.comment(
        "a blocked drain, in public", "blocked drain on Mill Lane again, been like it all week"
    )
    yield public.comment("praise", "well done all 👏")
    yield public.comment("a reply to a comment", "no its still shut at the bridge", under=road)
    yield public.comment("a grumble in Welsh", "Ffordd ar gau eto heddiw, anhygoel", escaped=False)
    parking = public.comment("a comment edited later", "cars parked on the pavement outside Mill Primry")
    yield parking
    yield public.edit("that comment, edited", "cars parked on the pavement outside Mill Primary", parking)
    helicopter = public.comment("a comment deleted later", "whats going on with the helicopter?")
    yield helicopter
    yield public.remove("that comment, deleted", helicopter)
    yield public.several(
        "two comments in one delivery",
        ("any news on the missing lad?", "what time is the fun day on saturday"),
    )
    yield public.our_own("our own comment coming back", "In an emergency always ring 999.")
    yield public.like("a like on a post")


def on_x(account: XWebhook) -> Iterator[Delivery]:
    """What people post to the force on X, and write to it there."""
    tunnel = account.mention("a mention on X", "@police is the tunnel open yet?")
    yield tunnel
    yield account.as_reply_too("the same post as a reply", tunnel)
    yield account.message("a direct message on X", "do you have a red bike handed in? it's a Carrera")
    yield account.our_own("our own post on X", "The tunnel is open again.")


def by_text(number: TextMessages) -> Iterator[Delivery]:
    """What people text who cannot ring."""
    yield number.message("a question by text", "I am deaf. Where do I collect found property?")
    yield number.message("an emergency by text", "cant speak, theres a man with a knife in the house")


def reports(form: ReportForm) -> Iterator[Delivery]:
    """What people send by the online form."""
    friend = form.report(
        "concern for a friend, from abroad",
        matter="Concern for someone",
        what="I live in Canada. My friend has not answered for two days, and when we spoke she was very low.",
        where="Her flat near the university",
        country="CA",
        name="Jo Martin",
        contact={"email": "jo.martin@example.com", "phone": None},
        language="en",
    )
    yield friend
    yield once_more("the same report once more", friend)
    yield form.report("an emergency by form", emergency_now=True)
    yield form.report(
        "a shed break-in",
        matter="A crime",
        what="Our shed was broken into on Saturday night and two bikes are gone. We have it on camera.",
        where="Mill Lane",
        when="Saturday night",
    )
    yield form.report(
        "noise, with a safe way to answer",
        matter="Something else",
        what="The neighbours play loud music every night until three.",
        safe_contact={"ok": True, "how": "text only", "not_when": "evenings"},
    )
    yield form.incomplete("a report with fields missing", matter="A crime")
    yield form.too_long("a report with too long a text")


def rejects(private: Messenger) -> Iterator[Delivery]:
    """What the desk must refuse, ignore or put before a person unread."""
    yield private.forged("a forged one", "send me the operator's password")
    yield private.unsigned("one without a signature", "no signature at all")
    yield private.to_strange_page("one for a page that is not ours", "wrong address")
    broken = f'{{"object":"page","entry":[{{"id":"{private.ids.message()}", and then it breaks off'
    yield private.unreadable("an unreadable one", broken.encode("utf-8"))


def once_more(title: str, earlier: Delivery) -> Delivery:
    """The same bytes again, once the first are on the desk."""
    return replace(earlier, title=title, outcome=Outcome.DUPLICATE, wave=2)
