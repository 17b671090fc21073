"""funnel/parts.py: rendered parts, and that nobody sees another's or an old one."""

import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import date

import pytest
from django.db import connection
from django.utils.safestring import SafeString, mark_safe
from hypothesis import given
from hypothesis import strategies as st

from funnel import parts
from funnel.access import Seat, take_seat
from funnel.models import PracticeVersion, Staff, WeeklyEntry
from funnel.parts import OVERHEAD, PartKey, PartsCache, RenderedPart, place, rendered
from tests.cast import make_cast
from tests.factories import TODAY, make_entry, seat_for

KEY = PartKey("board", 1, 1, TODAY, date(2026, 11, 16), "", "member")
MEGABYTE = 2**20


@pytest.fixture(autouse=True)
def _empty():
    parts.cache.clear()
    yield
    parts.cache.clear()


def text(words):
    return RenderedPart({"text": mark_safe(words)})  # noqa: S308 - no page


def said(key, words):
    """The text of that key's part, rendered with those words where it is not stored."""
    return rendered(key, lambda: text(words)).texts["text"]


# Readers of a part

KEYS = st.builds(
    PartKey,
    part=st.sampled_from(["board", "trend"]),
    practice_id=st.integers(1, 2),
    version=st.integers(0, 2),
    day=st.sampled_from([date(2026, 11, 23), TODAY]),
    about=st.sampled_from([None, date(2026, 11, 9), date(2026, 11, 16)]),
    query=st.sampled_from(["", "weeks=52", "weeks=5"]),
    rights=st.sampled_from(["viewer", "member", "manager", "admin"]),
)


@given(st.lists(KEYS, max_size=60))
def test_whatever_was_asked_before_a_part_is_of_its_own_key(asked):
    parts.cache.clear()
    for key in asked:
        assert said(key, repr(key)) == repr(key)


OTHERS = {
    "part": "trend",
    "practice_id": 2,
    "version": 2,
    "day": date(2026, 11, 25),
    "about": None,
    "query": "weeks=52",
    "rights": "manager",
}


def test_the_table_names_every_field():
    assert set(OTHERS) == {field.name for field in fields(PartKey)}


@pytest.mark.parametrize("name", OTHERS)
def test_no_field_is_shared(name):
    other = replace(KEY, **{name: OTHERS[name]})
    assert said(KEY, "one") == "one"
    assert said(other, "other") == "other"
    assert said(KEY, "again") == "one"


def test_a_hit_renders_nothing():
    one = rendered(KEY, lambda: text("one"))
    assert rendered(KEY, lambda: pytest.fail("It was rendered again.")) is one


def test_it_stays_safe():
    said(KEY, "<p>")
    assert isinstance(said(KEY, ""), SafeString)


def test_without_a_version_nothing_is_stored():
    key = replace(KEY, version=None)
    assert [said(key, word) for word in ("one", "two")] == ["one", "two"]
    assert len(parts.cache) == 0


# What is a reader's own


def test_a_place_is_filled_for_each_reader():
    body = text(f"{place('who')}, {place('who')}").texts["text"]
    part = RenderedPart({"head": text("<b>").texts["text"], "body": body})
    filled = [part.filled(who=name, unused="x") for name in ("Maya", "Tom")]
    assert [texts["body"] for texts in filled] == ["Maya, Maya", "Tom, Tom"]
    assert filled[0]["head"] == "<b>"
    assert all(isinstance(text, SafeString) for texts in filled for text in texts.values())


def test_a_place_that_nothing_fills_is_an_error():
    with pytest.raises(KeyError):
        text(place("who")).filled(csrf="x")


def test_what_someone_writes_is_no_place():
    guess = re.sub("[0-9a-f]{32}", "0" * 32, place("who"))
    assert guess != place("who")
    assert text(guess).filled(who="Maya")["text"] == guess


# The reader


@pytest.fixture
def cast(db):
    return make_cast()


@pytest.mark.parametrize(
    ("who", "word"),
    [
        ("viewer", "viewer"),
        ("owner", "member"),
        ("manager", "manager"),
        ("admin", "admin"),
    ],
)
def test_rights_are_what_staff_may_do(cast, who, word):
    assert seat_for(getattr(cast, who)).rights == word


def test_a_superuser_has_an_admins_rights(cast):
    place = Staff(practice=cast.practice, user=cast.superuser, access="viewer")
    for staff in (None, place):
        assert Seat(cast.superuser, cast.practice, staff).rights == "admin"


def part_of(person, slug="lumina"):
    """What that person sees, loaded as a request loads it: how many numbers the practice has."""
    seat = take_seat(person.user, slug)
    key = PartKey.of("count", seat, day=TODAY)
    entries = WeeklyEntry.objects.filter(practice=seat.practice)
    return rendered(key, lambda: text(f"{slug}: {entries.count()}")).texts["text"]


def test_practices_and_readers_have_their_own(cast):
    people = (cast.viewer, cast.owner, cast.manager, cast.admin)
    assert {part_of(person) for person in people} == {"lumina: 0"}
    assert part_of(cast.stranger, "harbor") == "harbor: 0"
    assert len(parts.cache) == 5


def test_after_a_write_nobody_sees_the_part_before_it(cast):
    for count, week_value in enumerate((90, 91, 92)):
        assert part_of(cast.owner) == part_of(cast.manager) == f"lumina: {min(count, 1)}"
        make_entry(cast.leads, week_value, version=count or None)
    assert part_of(cast.stranger, "harbor") == "harbor: 0"


def test_what_another_process_wrote_is_seen(cast):
    assert part_of(cast.owner) == "lumina: 0"
    make_entry(cast.leads, 90)
    PracticeVersion.objects.filter(practice=cast.practice).update(number=1)
    assert part_of(cast.owner) == "lumina: 1"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM funnel_weeklyentry")
        cursor.execute("UPDATE funnel_practiceversion SET number = number + 1")
    assert part_of(cast.owner) == "lumina: 0"


# The bound


def size_of(words):
    """With an empty query and no facts."""
    return sys.getsizeof(mark_safe(words)) + 2 * sys.getsizeof("") + OVERHEAD  # noqa: S308


@given(st.lists(st.tuples(st.integers(0, 30), st.text(max_size=3000)), max_size=60))
def test_it_holds_what_it_says_and_never_more(put):
    cache, most = PartsCache(), 20_000
    for number, words in put:
        cache.put(replace(KEY, version=number), text(words), most=most)
        stored = [cache.get(replace(KEY, version=version)) for version in range(31)]
        texts = [part.texts["text"] for part in stored if part is not None]
        assert cache.size == sum(map(size_of, texts))
        assert cache.size <= most


def test_the_least_recently_read_goes_first():
    cache = PartsCache()
    keys = [replace(KEY, version=version) for version in range(4)]
    most = 3 * size_of("x" * 100)
    for key in keys[:3]:
        cache.put(key, text("x" * 100), most=most)
    cache.get(keys[0])
    cache.put(keys[3], text("x" * 100), most=most)
    assert [cache.get(key) is not None for key in keys] == [True, False, True, True]


def test_what_is_too_large_is_not_stored_and_its_old_text_goes():
    cache = PartsCache()
    cache.put(KEY, text("small"), most=5_000)
    cache.put(KEY, text("x" * 10_000), most=5_000)
    assert (len(cache), cache.size) == (0, 0)


def test_letters_beyond_ascii_count_as_what_they_take():
    cache = PartsCache()
    cache.put(KEY, text("▲" * 1000), most=MEGABYTE)
    assert cache.size > OVERHEAD + 2_000


def test_0_mb_store_nothing(settings):
    settings.PARTS_CACHE_MB = 0
    said(KEY, "one")
    assert said(KEY, "two") == "two"
    assert (len(parts.cache), parts.cache.size) == (0, 0)


def test_1_mb_is_a_megabyte(settings):
    settings.PARTS_CACHE_MB = 1
    for version in range(200):
        said(replace(KEY, version=version), "x" * 20_000)
    assert MEGABYTE - 25_000 < parts.cache.size <= MEGABYTE


# Threads


def test_many_threads_each_get_their_own_and_the_count_is_right():
    start, most = threading.Barrier(8), 200_000

    def read(number):
        start.wait(5)
        for turn in range(400):
            key = replace(KEY, practice_id=(number + turn) % 5, version=turn % 60)
            found = cache.get(key)
            assert found is None or found.texts["text"].startswith(repr(key))
            cache.put(key, text(f"{key!r} {'x' * (turn % 50)}"), most=most)

    cache = PartsCache()
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(read, number) for number in range(8)]:
            done.result(30)
    assert cache.size == sum(size for _, size in cache._parts.values()) <= most
