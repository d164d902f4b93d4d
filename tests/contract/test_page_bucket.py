"""The bucket of the public pages: the twin, moto and the emulator agree on who may replace what."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from functions.notify.feed.page_bucket import CURRENT, PageBucket, PublicFile, S3PageBucket
from local.addresses import REGION
from local.twins.in_memory_pages import InMemoryPages
from tests.contract.conftest import Backend

FIRST = PublicFile("live", b"one", "text/html; charset=utf-8")
SECOND = replace(FIRST, body=b"two")
BELOW = PublicFile("live/MP-14X5-4M5T-3", b"a page", "text/html; charset=utf-8")


@pytest.fixture
def pages(backend: Backend) -> PageBucket:
    if backend.name == "twin":
        return InMemoryPages()
    s3, bucket = backend.client("s3"), backend.table_name  # a name that no other test has
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return S3PageBucket(s3, bucket)


def test_a_file_that_is_not_there_has_no_tag(pages: PageBucket) -> None:
    assert pages.tag("feed/atom.xml") is None


def test_equal_bytes_have_equal_tags_and_others_have_others(pages: PageBucket) -> None:
    assert pages.put(FIRST, replacing=None)
    first = pages.tag("live")
    assert pages.put(SECOND, replacing=first)
    second = pages.tag("live")
    assert pages.put(FIRST, replacing=second)

    assert first is not None
    assert first != second
    assert pages.tag("live") == first


def test_only_whoever_has_seen_what_is_there_replaces_it(pages: PageBucket) -> None:
    assert pages.put(FIRST, replacing=None)
    seen = pages.tag("live")
    assert pages.put(SECOND, replacing=seen)

    assert not pages.put(replace(FIRST, body=b"three"), replacing=seen)
    assert not pages.put(replace(FIRST, body=b"three"), replacing=None)
    assert pages.tag("live") not in {None, seen}


def test_what_was_there_and_is_gone_is_not_replaced(pages: PageBucket) -> None:
    assert not pages.put(FIRST, replacing='"0cc175b9c0f1b6a831c399e269772661"')


def test_a_page_and_the_pages_below_it_stand_side_by_side(pages: PageBucket) -> None:
    assert pages.put(FIRST, replacing=None)
    assert pages.put(BELOW, replacing=None)

    assert pages.tag("live") != pages.tag(BELOW.key)


def test_a_file_is_served_as_what_it_is(pages: PageBucket, backend: Backend) -> None:
    assert pages.put(FIRST, replacing=None)
    if isinstance(pages, InMemoryPages):
        assert pages.files["live"] == FIRST
        return
    stored = backend.client("s3").get_object(Bucket=backend.table_name, Key="live")
    assert (stored["Body"].read(), stored["ContentType"], stored["CacheControl"]) == (
        b"one",
        "text/html; charset=utf-8",
        CURRENT,
    )


def test_of_many_who_replace_the_same_file_one_does(backend: Backend) -> None:
    if backend.name != "emulator":
        pytest.skip("moto lets two win under threads, and the twin has no threads")
    s3, bucket = backend.client("s3"), backend.table_name
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    pages = S3PageBucket(s3, bucket)
    assert pages.put(FIRST, replacing=None)
    seen = pages.tag("live")
    with ThreadPoolExecutor(max_workers=8) as pool:
        won = list(pool.map(lambda n: pages.put(replace(FIRST, body=b"%d" % n), replacing=seen), range(16)))

    assert won.count(True) == 1
    assert pages.tag("live") == f'"{hashlib.md5(b"%d" % won.index(True), usedforsecurity=False).hexdigest()}"'
