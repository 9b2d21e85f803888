import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright.formats import json_stream
from maskwright.formats.json_stream import JsonError, elements, load

texts = st.text('aé€😀"\\\n{}[],: 1', max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def flattened(document: dict) -> list[tuple[str, object]]:
    return [
        (key, element)
        for key, value in document.items()
        for element in (value if isinstance(value, list) else [value])
    ]


@given(st.dictionaries(st.text("abc"), values, max_size=5), st.booleans(), st.integers(1, 7))
def test_elements_are_those_that_json_loads(document, ascii_only, chunk):
    text = json.dumps(document, ensure_ascii=ascii_only, indent=chunk % 3 or None).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        file = io.BytesIO(text)
        found = list(elements(file))
    loaded = [(one.key, load(file, one.start, one.end)) for one in found]
    assert loaded == flattened(document)


@pytest.mark.parametrize("text", [b"", b"[]", b'{"a":[1,2', b'{"a" 1}', b'{"a":[1 2]}', b"{]"])
def test_what_is_no_json_object_is_refused(text):
    with pytest.raises(JsonError):
        list(elements(io.BytesIO(text)))


def test_a_byte_order_mark_is_skipped():
    found = list(elements(io.BytesIO(b'\xef\xbb\xbf{"a":[10]}')))
    assert [(one.value, one.start) for one in found] == [(10, 9)]


def test_nesting_too_deep_for_the_parser_is_refused():
    with pytest.raises(JsonError):
        list(elements(io.BytesIO(b'{"a":' + b"[" * 100_000)))
