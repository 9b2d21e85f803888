import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright.formats.names import Names, is_safe_name, safe_name


def test_images_of_equal_stem_get_names_of_their_own():
    names = Names()
    assert [names.take(name) for name in ("a.jpg", "a.png", "a.jpg")] == ["a", "a-2", "a-3"]


def test_a_name_that_was_given_as_a_second_is_not_given_again():
    names = Names()
    assert [names.take(name) for name in ("a.jpg", "a.png", "a-2.jpg")] == ["a", "a-2", "a-2-2"]


def test_case_does_not_tell_names_apart():
    names = Names()
    assert [names.take(name) for name in ("A.jpg", "a.jpg")] == ["A", "a-2"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd.png", "passwd"),
        ("C:\\photos\\cat.jpg", "cat"),
        ("my cat (1).jpg", "my_cat_1"),
        ("Straße.jpg", "Straße"),
        ("...", "image"),
        ("CON.jpg", "_CON"),
        (".hidden.jpg", "hidden"),
        ("a\x00b\n.jpg", "a_b"),
        ("v1.2.jpg", "v1.2"),
    ],
)
def test_a_weird_name_becomes_safe(name, expected):
    assert safe_name(name) == expected


@given(st.text())
def test_any_name_becomes_safe_and_short(name):
    safe = safe_name(name)
    assert is_safe_name(safe)
    assert len(safe.encode()) <= 100


@given(st.text(max_size=5), st.text("ab._- é", min_size=95, max_size=105))
def test_a_safe_name_stays_as_it_is(start, rest):
    safe = safe_name(start + rest)
    assert safe_name(f"{safe}.jpg") == safe


@given(st.lists(st.text(max_size=4), max_size=30))
def test_no_name_is_given_twice(wanted):
    names = Names()
    given_out = [names.take(name).casefold() for name in wanted]
    assert len(set(given_out)) == len(given_out)


def test_two_long_names_that_differ_at_the_end_stay_apart():
    names = Names()
    first, second = (names.take("x" * 200 + end) for end in "ab")
    assert first != second
    assert len(second) <= 100
