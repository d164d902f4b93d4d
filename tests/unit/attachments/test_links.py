"""Links: read strictly, and followed only to the hosts of the contact's platform."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contact_desk.attachments import CopyFailure, NotCopiedError
from functions.attachments.allowed_hosts import ALLOWED_HOSTS, is_allowed
from functions.attachments.links import HTTPS_PORT, Target, read_link, redirected
from functions.ingest.registry import CHANNELS

META = ALLOWED_HOSTS["messenger"]
STAND_IN = "127.0.0.1:8781"
PICTURE = "https://scontent.xx.fbcdn.net/v/t1.15752-9/12_n.jpg?_nc_cat=1&oh=03_A&oe=69"


def refusal(link: str, allowed: object = META, stand_in: str = "") -> CopyFailure:
    with pytest.raises(NotCopiedError) as refused:
        read_link(link, allowed, stand_in)  # type: ignore[arg-type]
    return refused.value.failure


@pytest.mark.parametrize(
    ("channel", "link"),
    [
        ("messenger", PICTURE),
        ("messenger", "https://cdn.fbsbx.com/v/t59.2708-21/1_n.pdf/statement.pdf?oe=1"),
        ("messenger", "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=A"),
        ("instagram", "https://scontent.cdninstagram.com/v/1.jpg"),
        ("facebook_page", "https://video.xx.fbcdn.net/v/1.mp4"),
        ("whatsapp", "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=A"),
        ("x", "https://pbs.twimg.com/media/A.jpg?format=jpg&name=large"),
        ("x", "https://video.twimg.com/ext_tw_video/1/pu/vid/720x1280/A.mp4?tag=12"),
        ("x", "https://ton.twitter.com/1.1/ton/data/dm/1/2/A.jpg"),
        ("sms", "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"),
        ("sms", "https://mms.twiliocdn.com/AC1/abc?Expires=1&Signature=A~"),
        ("messenger", "https://scontent.xx.fbcdn.net:443/v/1.jpg"),
        ("messenger", "HTTPS://SCONTENT.XX.FBCDN.NET/v/1.jpg"),
        ("messenger", "https://scontent.xx.fbcdn.net?x=1"),
        ("messenger", "https://scontent.xx.fbcdn.net/v/1.jpg#part"),
    ],
)
def test_what_platforms_send_is_read(channel: str, link: str) -> None:
    target = read_link(link, ALLOWED_HOSTS[channel])

    assert target.secure
    assert target.port in {None, HTTPS_PORT}
    assert target.path.startswith("/")
    assert "#" not in target.path


@pytest.mark.parametrize(
    "link",
    [
        "http://scontent.xx.fbcdn.net/v/1.jpg",
        "ftp://scontent.xx.fbcdn.net/v/1.jpg",
        "file:///etc/passwd",
        "//scontent.xx.fbcdn.net/v/1.jpg",
        "https://scontent.xx.fbcdn.net:8443/v/1.jpg",
        "https://scontent.xx.fbcdn.net:/v/1.jpg",
        "https://scontent.xx.fbcdn.net:443443/v/1.jpg",
        "https://user@scontent.xx.fbcdn.net/v/1.jpg",
        "https://user:word@scontent.xx.fbcdn.net/v/1.jpg",
        "https://scontent.xx.fbcdn.net@evil.example/v/1.jpg",
        "https://scontent.xx.fbcdn.net\\@evil.example/v/1.jpg",
        "https:\\\\scontent.xx.fbcdn.net\\v\\1.jpg",
        "https:/scontent.xx.fbcdn.net/v/1.jpg",
        "https://scontent.xx.fbcdn.net./v/1.jpg",
        "https://.fbcdn.net/v/1.jpg",
        "https://scontent..fbcdn.net/v/1.jpg",
        "https://[::1]/v/1.jpg",
        "https://[fe80::1%25eth0]/v/1.jpg",
        "https://fbcdn/v/1.jpg",
        "https://scontent.xx.fbcdn.net/v/1.jpg\n",
        "https://scontent.xx.fbcdn.net/v/1 2.jpg",
        "https://scontent.xx.fbcdn.net/v\r\nHost: evil.example/1.jpg",
        "https://scontent.xx.fbcdn.net\t/v/1.jpg",
        "https://scontent.xx.fbcdn\u3002net/v/1.jpg",
        "https://scontent.xx.\u24d5bcdn.net/v/1.jpg",
        "https://sc\u043entent.xx.fbcdn.net/v/1.jpg",
        "https://scontent%2exx.fbcdn.net/v/1.jpg",
        "https://loo\u212aaside.fbsbx.com/",
        "https://look\u00aa\u017fide.fbsbx.com/",
        "https://scontent.xx.fbcdn.net/" + "x" * 9_000,
        "",
        "369239263222822",
    ],
)
def test_what_is_not_written_plainly_is_not_followed(link: str) -> None:
    assert refusal(link) is CopyFailure.LINK_NOT_ALLOWED


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v/1.jpg",
        "https://fbcdn.net/v/1.jpg",
        "https://notfbcdn.net/v/1.jpg",
        "https://fbcdn.net.evil.example/v/1.jpg",
        "https://scontent.fbcdn.net.evil.example/",
        "https://xn--scntent-r2f.fbcdn.example/",
        "https://127.0.0.1/v/1.jpg",
        "https://127.1/v/1.jpg",
        "https://0x7f.0.0.1/v/1.jpg",
        "https://169.254.169.254/latest/meta-data/",
        "https://sub.lookaside.fbsbx.com/",
        "https://pbs.twimg.com/media/A.jpg",
        "https://graph.facebook.com/v26.0/me",
    ],
)
def test_a_host_that_is_not_the_platforms_file_server_is_refused(link: str) -> None:
    assert refusal(link) is CopyFailure.HOST_NOT_ALLOWED


def test_the_stand_in_is_the_one_host_that_may_be_this_machine_and_only_on_its_port() -> None:
    target = read_link(f"http://{STAND_IN}/media/alley.png", META, STAND_IN)

    assert (target.host, target.port, target.secure) == ("127.0.0.1", 8781, False)
    assert refusal("http://127.0.0.1:8782/media/alley.png", stand_in=STAND_IN) is CopyFailure.LINK_NOT_ALLOWED
    assert refusal("http://127.0.0.1/media/alley.png", stand_in=STAND_IN) is CopyFailure.LINK_NOT_ALLOWED
    assert refusal(f"http://{STAND_IN}/media/alley.png") is CopyFailure.LINK_NOT_ALLOWED
    assert refusal("http://none/media/alley.png", stand_in="none") is CopyFailure.LINK_NOT_ALLOWED
    assert refusal(f"http://x@{STAND_IN}/alley.png", stand_in=STAND_IN) is CopyFailure.LINK_NOT_ALLOWED


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/v/2.jpg", "https://scontent.xx.fbcdn.net/v/2.jpg"),
        ("https://evil.example/", "https://evil.example/"),
        ("//evil.example/", "https://evil.example/"),
        ("http://169.254.169.254/", "http://169.254.169.254/"),
    ],
)
def test_a_redirect_is_a_link_to_be_read_anew(location: str, leads_to: str) -> None:
    assert redirected(read_link(PICTURE, META), location) == leads_to


@pytest.mark.parametrize("location", [None, "", "http://[", "https://[::1"])
def test_a_redirect_to_nowhere_is_refused(location: str | None) -> None:
    with pytest.raises(NotCopiedError):
        read_link(redirected(read_link(PICTURE, META), location), META)


# Pieces of which links are made that mislead one reader or another.
PIECES = st.sampled_from(
    [
        "https://", "http://", "HTTPS:", "//", "/", "\\", "@", ":", ":443", ":80", ":8443", "?", "#", "%00", "%2e",
        "%40", ".", "..", "[::1]", "[::ffff:127.0.0.1]", "127.0.0.1", "2130706433", "0x7f000001", "0177.1",
        "169.254.169.254", "localhost", "evil.example", "fbcdn.net", "a.fbcdn.net", "lookaside.fbsbx.com",
        "user", "user:word@", "\t", "\n", "\r", " ", "\x00", "\u3002", "\uff0e", "\uff0f", "\u2100", "\u24d5", "xn--",
        "\u00ad", "\u200b", "\u017f", "\u212a",
    ]
)  # fmt: skip
LINKS = st.one_of(
    st.lists(PIECES, max_size=10).map("".join),
    st.lists(PIECES, max_size=6).map(lambda pieces: "https://" + "".join(pieces)),
    st.lists(PIECES, max_size=6).map(lambda pieces: "https://a.fbcdn.net" + "".join(pieces)),
    st.text(max_size=60),
)


@given(LINKS)
@example("https://a.fbcdn.net@evil.example/")
@example("https://a.fbcdn.net\\@evil.example/")
def test_no_link_leads_anywhere_but_to_an_allowed_host(link: str) -> None:
    """Whatever comes through names, in plain ASCII, a host of the list, and neither user nor port nor line break."""
    try:
        target = read_link(link, META)
    except NotCopiedError:
        return
    assert target.secure
    assert target.port in {None, HTTPS_PORT}
    assert is_allowed(target.host, META)
    assert target.host.isascii()
    assert "@" not in target.authority
    assert not set("\\ \t\r\n\x00").intersection(target.path)
    # Read again, it is the same: there is one way to read it.
    assert read_link(target.link, META) == target


@given(st.ip_addresses().map(str), st.sampled_from(["", ":443"]))
def test_no_address_in_the_place_of_a_host_comes_through(address: str, port: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert refusal(f"https://{host}{port}/v/1.jpg") in {
        CopyFailure.LINK_NOT_ALLOWED,
        CopyFailure.HOST_NOT_ALLOWED,
    }


def test_every_channel_that_is_read_says_where_its_files_may_come_from() -> None:
    assert {channel.name for channel in CHANNELS} <= ALLOWED_HOSTS.keys()


def test_no_channel_allows_a_whole_domain_of_strangers_or_an_address() -> None:
    for patterns in ALLOWED_HOSTS.values():
        for pattern in patterns:
            assert pattern.removeprefix("*.").count(".") >= 1
            assert "*" not in pattern.removeprefix("*.")
            assert pattern == pattern.lower()
            assert not pattern[-1].isdigit()


def test_a_target_shows_no_path() -> None:
    assert "secret" not in repr(Target(secure=True, host="a.fbcdn.net", port=None, path="/secret"))
