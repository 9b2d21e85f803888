"""The bytes of images: files, ranges, what a browser can show, thumbnails."""

import io

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

import fixtures_images as make
from maskwright.domain.actor import LOCAL
from maskwright.domain.mask import Mask
from maskwright.services import masks, proposals

SHEEP = 17  # label index


@pytest.fixture
def project(client: TestClient) -> int:
    made = client.post("/api/v1/projects", json={"name": "Files", "preset": "voc"})
    return made.json()["id"]


def upload(client: TestClient, project: int, name: str, data: bytes) -> str:
    """URL of the stored image."""
    answer = client.post(f"/api/v1/projects/{project}/images", files=[("files", (name, data))])
    return f"/api/v1/images/{answer.json()[0]['id']}"


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.png", make.png(), "image/png"),
        ("a.jpg", make.jpeg(), "image/jpeg"),
        ("a.webp", make.encoded(make.picture(), "WEBP"), "image/webp"),
        ("a.tif", make.encoded(make.picture(), "TIFF"), "image/tiff"),
        ("a.bmp", make.encoded(make.picture(), "BMP"), "image/bmp"),
        ("a.png", make.deep_grey()[0], "image/png"),
    ],
)
def test_upright_file_comes_back_as_it_was(
    client: TestClient, project: int, name: str, data: bytes, media_type: str
) -> None:
    answer = client.get(upload(client, project, name, data) + "/file")
    assert (answer.content, answer.headers["content-type"]) == (data, media_type)


def test_file_has_its_name(client: TestClient, project: int) -> None:
    answer = client.get(upload(client, project, "ä b.png", make.png()) + "/file")
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''%C3%A4%20b.png"


def test_turned_file_comes_back_upright(client: TestClient, project: int) -> None:
    url = upload(client, project, "a.png", make.with_orientation(6, "PNG"))
    np.testing.assert_array_equal(
        pixels(client.get(url + "/file").content), np.rot90(make.pixels(), -1)
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.tif", make.encoded(make.picture(), "TIFF")),
        ("a.bmp", make.encoded(make.picture(), "BMP")),
    ],
)
def test_browser_gets_a_png_of_what_it_can_not_show(
    client: TestClient, project: int, name: str, data: bytes
) -> None:
    answer = client.get(upload(client, project, name, data) + "/display")
    assert answer.headers["content-type"] == "image/png"
    np.testing.assert_array_equal(pixels(answer.content), make.pixels())


def test_browser_gets_a_deep_image_in_its_window(client: TestClient, project: int) -> None:
    url = upload(client, project, "a.png", make.deep_grey(low=100, high=4095)[0])
    shown = pixels(client.get(url + "/display").content)
    assert (shown.min(), shown.max()) == (0, 255)


def test_browser_gets_the_very_file_it_can_show(client: TestClient, project: int) -> None:
    url = upload(client, project, "a.jpg", make.jpeg())
    assert client.get(url + "/display").content == make.jpeg()


@pytest.mark.parametrize("path", ["/file", "/display", "/thumbnail"])
def test_known_bytes_are_not_sent_again(client: TestClient, project: int, path: str) -> None:
    url = upload(client, project, "a.jpg", make.jpeg()) + path
    etag = client.get(url).headers["etag"]
    again = client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, None),
        ("bytes=-5", -5, None),
        ("bytes=3-3", 3, 4),
        ("bytes=0-99999999", 0, None),
        ("bytes=-99999999", 0, None),
    ],
)
def test_range_of_a_file(
    client: TestClient, project: int, asked: str, start: int, stop: int | None
) -> None:
    data = make.png()
    answer = client.get(upload(client, project, "a.png", data) + "/file", headers={"Range": asked})
    first = start % len(data)
    last = (len(data) if stop is None else stop) - 1
    assert (answer.status_code, answer.content) == (206, data[start:stop])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(data)}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=5-2", "lines=1-2", "bytes=0-1,4-5", "bytes=-", "bytes=x-1", "bytes=" + "9" * 30],
)
def test_range_that_can_not_be_read_is_ignored(
    client: TestClient, project: int, asked: str
) -> None:
    url = upload(client, project, "a.png", make.png()) + "/file"
    answer = client.get(url, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, make.png())


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_range_outside_the_file_is_refused(client: TestClient, project: int, asked: str) -> None:
    url = upload(client, project, "a.png", make.png()) + "/file"
    answer = client.get(url, headers={"Range": asked})
    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(make.png())}"


def test_range_of_another_version_is_ignored(client: TestClient, project: int) -> None:
    url = upload(client, project, "a.png", make.png()) + "/file"
    answer = client.get(url, headers={"Range": "bytes=0-1", "If-Range": '"old"'})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("size", "shown"), [((640, 480), (320, 240)), ((100, 900), (36, 320)), ((64, 40), (64, 40))]
)
def test_thumbnail_is_at_most_320_long(
    client: TestClient, project: int, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    url = upload(client, project, "a.png", make.png(size[1], size[0]))
    answer = client.get(url + "/thumbnail")
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).size == shown


def test_thumbnail_without_a_mask_is_plain(client: TestClient, project: int) -> None:
    url = upload(client, project, "a.png", make.png())
    shown = {
        client.get(url + "/thumbnail", params={"overlay": overlay}).content
        for overlay in ("none", "head", "proposal", "auto")
    }
    assert len(shown) == 1


def test_thumbnail_shows_the_mask_in_the_label_color(client: TestClient, project: int) -> None:
    url = upload(client, project, "a.png", make.encoded(Image.new("RGB", (64, 40), "white")))
    label = next(
        label
        for label in client.get(f"/api/v1/projects/{project}").json()["labels"]
        if label["index"] == SHEEP
    )
    paint(client, url, SHEEP, columns=32)
    shown = pixels(client.get(url + "/thumbnail", params={"overlay": "head"}).content).astype(int)
    color = np.array([int(label["color"][i : i + 2], 16) for i in (1, 3, 5)])
    expected = 255 * 0.45 + color * 0.55
    assert np.abs(shown[10:30, 5:25] - expected).mean() < 6
    assert (shown[10:30, 40:60] > 245).all()


def test_thumbnail_changes_with_the_mask(client: TestClient, project: int) -> None:
    url = upload(client, project, "a.png", make.png())
    before = client.get(url + "/thumbnail", params={"overlay": "auto"})
    paint(client, url, SHEEP)
    after = client.get(url + "/thumbnail", params={"overlay": "auto"})
    assert before.headers["etag"] != after.headers["etag"]
    assert before.content != after.content


def test_thumbnail_changes_with_the_label_color(client: TestClient, project: int) -> None:
    url = upload(client, project, "a.png", make.png())
    paint(client, url, 3)
    before = client.get(url + "/thumbnail", params={"overlay": "head"}).headers["etag"]
    labels = client.get(f"/api/v1/projects/{project}").json()["labels"]
    labels[3]["color"] = "#123456"
    assert client.patch(f"/api/v1/projects/{project}", json={"labels": labels}).status_code == 200
    assert client.get(url + "/thumbnail", params={"overlay": "head"}).headers["etag"] != before


def test_auto_thumbnail_prefers_the_head_to_the_draft(client: TestClient, project: int) -> None:
    url = upload(client, project, "a.png", make.png())
    draft = np.full((40, 64), 5, np.uint8)
    image = int(url.rsplit("/", 1)[1])
    proposals.write(client.app.state.db, image, draft, draft, "test", LOCAL)
    etags = {overlay: thumbnail_etag(client, url, overlay) for overlay in ("auto", "proposal")}
    assert etags["auto"] == etags["proposal"]
    paint(client, url, 3)
    assert thumbnail_etag(client, url, "auto") == thumbnail_etag(client, url, "head")


def test_unknown_overlay_is_invalid(client: TestClient, project: int) -> None:
    url = upload(client, project, "a.png", make.png())
    assert client.get(url + "/thumbnail", params={"overlay": "all"}).status_code == 422


def thumbnail_etag(client: TestClient, url: str, overlay: str) -> str:
    return client.get(url + "/thumbnail", params={"overlay": overlay}).headers["etag"]


def paint(client: TestClient, url: str, label: int, columns: int = 64) -> None:
    """Give the left columns of the 64×40 image at `url` a label."""
    classes = np.full((40, 64), 255, np.uint8)
    classes[:, :columns] = label
    masks.save_mask(client.app.state.db, int(url.rsplit("/", 1)[1]), Mask(classes), 0, LOCAL)
