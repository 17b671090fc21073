"""funnel/parts.py: rendered parts, and that nobody sees another's or an old one."""

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
from funnel.parts import OVERHEAD, PartKey, PartsCache, rendered
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
    return mark_safe(words)  # noqa: S308 - no page


# Whose part it is

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
        assert rendered(key, lambda key=key: text(repr(key))) == repr(key)


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
    assert rendered(KEY, lambda: text("one")) == "one"
    assert rendered(other, lambda: text("other")) == "other"
    assert rendered(KEY, lambda: text("again")) == "one"


def test_a_hit_renders_nothing():
    rendered(KEY, lambda: text("one"))
    assert rendered(KEY, lambda: pytest.fail("It was rendered again.")) == "one"


def test_it_stays_safe():
    rendered(KEY, lambda: text("<p>"))
    assert isinstance(rendered(KEY, lambda: text("")), SafeString)


def test_without_a_version_nothing_is_stored():
    key = replace(KEY, version=None)
    assert [rendered(key, lambda word=word: text(word)) for word in ("one", "two")] == [
        "one",
        "two",
    ]
    assert len(parts.cache) == 0


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
    return rendered(key, lambda: text(f"{slug}: {entries.count()}"))


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
    return sys.getsizeof(text(words)) + sys.getsizeof("") + OVERHEAD


@given(st.lists(st.tuples(st.integers(0, 30), st.text(max_size=3000)), max_size=60))
def test_it_holds_what_it_says_and_never_more(put):
    cache, most = PartsCache(), 20_000
    for number, words in put:
        cache.put(replace(KEY, version=number), text(words), most=most)
        stored = [cache.get(replace(KEY, version=version)) for version in range(31)]
        assert cache.size == sum(size_of(words) for words in stored if words is not None)
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
    rendered(KEY, lambda: text("one"))
    assert rendered(KEY, lambda: text("two")) == "two"
    assert (len(parts.cache), parts.cache.size) == (0, 0)


def test_1_mb_is_a_megabyte(settings):
    settings.PARTS_CACHE_MB = 1
    for version in range(200):
        rendered(replace(KEY, version=version), lambda: text("x" * 20_000))
    assert MEGABYTE - 25_000 < parts.cache.size <= MEGABYTE


# Threads


def test_many_threads_each_get_their_own_and_the_count_is_right():
    start, most = threading.Barrier(8), 200_000

    def read(number):
        start.wait(5)
        for turn in range(400):
            key = replace(KEY, practice_id=(number + turn) % 5, version=turn % 60)
            said = f"{key!r} {'x' * (turn % 50)}"
            found = cache.get(key)
            assert found is None or found.startswith(repr(key))
            cache.put(key, text(said), most=most)

    cache = PartsCache()
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(read, number) for number in range(8)]:
            done.result(30)
    assert cache.size == sum(size for _, size in cache._texts.values()) <= most
