from funnel.domain.packing import pack, unpack


def test_what_is_packed_comes_out_again():
    plain = {"a": [1, 2.5, "é\N{LINE SEPARATOR}😀", None, True]}
    assert unpack(pack(plain)) == plain
    assert unpack(memoryview(pack(plain))) == plain


def test_nothing_comes_out_of_nothing():
    assert unpack(b"") is None
    assert unpack(memoryview(b"")) is None


def test_many_numbers_take_few_bytes():
    assert len(pack([["2026-W47", "leads", "27"]] * 10_000)) < 10_000
