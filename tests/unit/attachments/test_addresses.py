"""Addresses: a name may lead into the public network and nowhere else."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.attachments import CopyFailure, NotCopiedError
from functions.attachments.addresses import address_of, is_loopback, is_public

PUBLIC = ["157.240.1.35", "104.244.42.1", "54.172.60.0", "2a03:2880:f003:c07:face:b00c::2"]
NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - an address to be refused
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "2001:db8::1",
    "not an address",
    "",
    "127.1",
    "0x7f000001",
]
NETWORKS = ["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_used(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_other_address_may(address: str) -> None:
    assert not is_public(address)


@given(
    st.sampled_from(NETWORKS).flatmap(lambda network: st.ip_addresses(v=4, network=ip_network(network))),
    st.sampled_from(["", "::ffff:", "::", "64:ff9b::"]),
)
def test_no_address_of_a_private_network_is_public_however_it_is_wrapped(address: object, wrap: str) -> None:
    assert not is_public(f"{wrap}{address}")


@given(st.ip_addresses())
def test_what_python_knows_to_be_special_is_never_public(address: object) -> None:
    read = ip_address(str(address))
    if read.is_private or read.is_loopback or read.is_link_local or read.is_multicast or read.is_unspecified:
        assert not is_public(str(read))


def test_the_first_answer_is_the_one_to_use() -> None:
    assert address_of("a.fbcdn.net", lambda _: PUBLIC[:2]) == PUBLIC[0]


@pytest.mark.parametrize("answers", [["127.0.0.1"], [PUBLIC[0], "10.0.0.1"], ["169.254.169.254", PUBLIC[0]]])
def test_a_name_that_leads_inside_with_any_of_its_answers_is_refused(answers: list[str]) -> None:
    with pytest.raises(NotCopiedError) as refused:
        address_of("a.fbcdn.net", lambda _: answers)

    assert refused.value.failure is CopyFailure.ADDRESS_NOT_ALLOWED


def test_a_name_without_an_address_is_the_platforms_trouble() -> None:
    with pytest.raises(OSError, match="no address"):
        address_of("a.fbcdn.net", lambda _: [])


def test_the_stand_in_must_be_this_machine() -> None:
    assert address_of("127.0.0.1", lambda _: ["127.0.0.1"], is_loopback) == "127.0.0.1"
    with pytest.raises(NotCopiedError):
        address_of("localhost", lambda _: PUBLIC, is_loopback)
    assert not is_loopback("no address")
