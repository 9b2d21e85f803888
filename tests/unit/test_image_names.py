"""What an uploaded file may be called."""

import pytest

from maskwright.services.images import clean_name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\tb\x00c\x7f.png", "abc.png"),
        ("a\u202eb.png", "ab.png"),  # text direction marks disguise suffixes
        ("e\u0301.png", "é.png"),
        ("\ud800.png", ".png"),
        ("", "image"),
        ("..", "image"),
        ("folder/", "image"),
        ("  a.png ", "a.png"),
    ],
)
def test_name_is_made_printable(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept


def test_long_name_keeps_its_suffix() -> None:
    assert clean_name("é" * 300 + ".jpeg") == "é" * 195 + ".jpeg"
