"""Lists of images: filters, orders, pages; and the trash."""

from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

import fixtures_images as make
from maskwright.domain.actor import LOCAL
from maskwright.domain.mask import Mask
from maskwright.services import masks, proposals
from maskwright.tables import ImageRow

NAMES = ("ant.png", "bee.png", "cat.png", "Dog_1.png", "Dog11.png")


@pytest.fixture
def url(client: TestClient) -> str:
    """Where the five images of a new project are."""
    made = client.post("/api/v1/projects", json={"name": "Lists", "preset": "voc"})
    url = f"/api/v1/projects/{made.json()['id']}/images"
    files = [("files", (name, make.png(10 + i, 16))) for i, name in enumerate(NAMES)]
    assert client.post(url, files=files).status_code == 201
    return url


def listed(client: TestClient, url: str, **query: Any) -> list[str]:
    answer = client.get(url, params=query)
    assert answer.status_code == 200, answer.text
    return [image["name"] for image in answer.json()["items"]]


def image_id(client: TestClient, url: str, name: str) -> int:
    return client.get(url, params={"q": name}).json()["items"][0]["id"]


def save(client: TestClient, image: int, label: int) -> None:
    shown = client.get(f"/api/v1/images/{image}").json()
    classes = np.full((shown["height"], shown["width"]), label, np.uint8)
    masks.save_mask(client.app.state.db, image, Mask(classes), 0, LOCAL)


def draft(client: TestClient, image: int, label: int) -> None:
    shown = client.get(f"/api/v1/images/{image}").json()
    classes = np.full((shown["height"], shown["width"]), label, np.uint8)
    confidence = np.full_like(classes, 200)
    proposals.write(client.app.state.db, image, classes, confidence, "test", LOCAL)


def test_images_come_by_name(client: TestClient, url: str) -> None:
    assert listed(client, url) == ["Dog11.png", "Dog_1.png", "ant.png", "bee.png", "cat.png"]


def doubt(client: TestClient, **values: float) -> None:
    """Give images, named without their suffix, the uncertainty of a draft."""
    with client.app.state.db.write() as session:
        for name, value in values.items():
            row = update(ImageRow).where(ImageRow.name == f"{name}.png")
            session.execute(row.values(uncertainty=value))


@pytest.mark.parametrize("order", ["name", "uncertainty", "-uncertainty", "updated"])
def test_pages_together_are_the_whole_list(client: TestClient, url: str, order: str) -> None:
    pages, cursor = [], None
    while True:
        query = {"order": order, "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = client.get(url, params=query).json()
        pages += [image["name"] for image in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == listed(client, url, order=order)
    assert sorted(pages) == sorted(NAMES)


def test_page_is_not_shifted_by_an_image_that_goes(client: TestClient, url: str) -> None:
    page = client.get(url, params={"limit": 2}).json()
    client.delete(f"/api/v1/images/{page['items'][0]['id']}")
    assert listed(client, url, cursor=page["next_cursor"], limit=2) == ["ant.png", "bee.png"]


@pytest.mark.parametrize(
    ("order", "first"),
    [("uncertainty", ["cat.png", "bee.png"]), ("-uncertainty", ["bee.png", "cat.png"])],
)
def test_doubt_orders_either_way_and_unknown_comes_last(
    client: TestClient, url: str, order: str, first: list[str]
) -> None:
    doubt(client, bee=0.2, cat=0.9)
    assert listed(client, url, order=order)[:2] == first


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"min_uncertainty": 0.2}, ["bee.png", "cat.png"]),
        ({"max_uncertainty": 0.2}, ["ant.png", "bee.png"]),
        ({"min_uncertainty": 0.1, "max_uncertainty": 0.3}, ["bee.png"]),
        ({"min_uncertainty": 0}, ["ant.png", "bee.png", "cat.png"]),
    ],
)
def test_doubt_filter_is_inclusive_and_leaves_out_images_without_a_draft(
    client: TestClient, url: str, bounds: dict[str, float], found: list[str]
) -> None:
    doubt(client, ant=0.0, bee=0.2, cat=0.9)
    assert listed(client, url, **bounds) == found


def test_last_changed_comes_first(client: TestClient, url: str) -> None:
    save(client, image_id(client, url, "bee"), 3)
    assert listed(client, url, order="updated")[0] == "bee.png"


def test_doubt_of_drafts_is_counted(client: TestClient, url: str) -> None:
    doubt(client, ant=0.0, bee=0.03, cat=1.0)
    bins = client.get(url.replace("/images", "/stats")).json()["uncertainty"]
    assert (len(bins), [at for at, number in enumerate(bins) if number]) == (50, [0, 1, 49])


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("dog", ["Dog11.png", "Dog_1.png"]),
        ("g_1", ["Dog_1.png"]),
        ("%", []),
        ("", ["Dog11.png", "Dog_1.png", "ant.png", "bee.png", "cat.png"]),
    ],
)
def test_search_is_a_plain_part_of_the_name(
    client: TestClient, url: str, q: str, found: list[str]
) -> None:
    assert listed(client, url, q=q) == found


def test_status_filter_takes_several(client: TestClient, url: str) -> None:
    save(client, image_id(client, url, "bee"), 3)
    draft(client, image_id(client, url, "cat"), 3)
    assert listed(client, url, status=["in_progress", "proposed"]) == ["bee.png", "cat.png"]


def test_label_filter_looks_at_the_head_or_else_the_draft(client: TestClient, url: str) -> None:
    bee, cat, ant = (image_id(client, url, name) for name in ("bee", "cat", "ant"))
    save(client, bee, 3)
    draft(client, cat, 3)
    draft(client, ant, 3)
    save(client, ant, 5)
    assert listed(client, url, label=3) == ["bee.png", "cat.png"]


def test_trash_is_a_list_of_its_own(client: TestClient, url: str) -> None:
    client.delete(f"/api/v1/images/{image_id(client, url, 'bee')}")
    assert listed(client, url, trash=True) == ["bee.png"]
    assert "bee.png" not in listed(client, url)


def test_image_comes_back_from_the_trash(client: TestClient, url: str) -> None:
    bee = image_id(client, url, "bee")
    client.delete(f"/api/v1/images/{bee}")
    assert client.post(f"/api/v1/images/{bee}/undelete").json()["trashed_at"] is None
    assert "bee.png" in listed(client, url)


def test_deleting_twice_is_deleting(client: TestClient, url: str) -> None:
    bee = image_id(client, url, "bee")
    assert [client.delete(f"/api/v1/images/{bee}").status_code for _ in range(2)] == [204, 204]


def test_one_image_says_what_it_is(client: TestClient, url: str) -> None:
    image = client.get(f"/api/v1/images/{image_id(client, url, 'ant')}").json()
    assert (image["width"], image["height"], image["status"]) == (16, 10, "new")
    assert (image["head"], image["proposal"], image["void_pixels"]) == (0, None, 160)


@pytest.mark.parametrize(
    "query",
    [
        {"order": "size"},
        {"order": "-name"},
        {"min_uncertainty": -0.1},
        {"max_uncertainty": 1.1},
        {"min_uncertainty": "nan"},
        {"min_uncertainty": 0.5, "max_uncertainty": 0.4},
        {"limit": 0},
        {"limit": 201},
        {"label": 255},
        {"label": -1},
        {"status": "done"},
        {"q": "a\0b"},
        {"cursor": "nonsense"},
        {"cursor": "WyJuYW1lIixbXSw5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"},
        {"cursor": "WyJuYW1lIiwiXHVkODAwIiwxXQ"},
        {"cursor": "WyJ1cGRhdGVkIiwxLDFd", "order": "updated"},
        {"cursor": "WyJ1bmNlcnRhaW50eSIsMWU5OTk5LDFd", "order": "updated"},
        {"cursor": "é"},
    ],
)
def test_bad_query_is_invalid(client: TestClient, url: str, query: dict[str, Any]) -> None:
    assert client.get(url, params=query).status_code == 422


@pytest.mark.parametrize("path", ["", "/file", "/display", "/thumbnail"])
@pytest.mark.parametrize(("unknown", "status"), [("99", 404), ("0", 422), ("x", 422)])
def test_unknown_image(client: TestClient, path: str, unknown: str, status: int) -> None:
    assert client.get(f"/api/v1/images/{unknown}{path}").status_code == status


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**64, 10**30])
def test_huge_number_is_no_server_error(client: TestClient, number: int) -> None:
    answers = [
        client.get(f"/api/v1/images/{number}"),
        client.delete(f"/api/v1/images/{number}"),
        client.post(f"/api/v1/images/{number}/undelete"),
        client.get(f"/api/v1/projects/{number}/images"),
    ]
    assert {answer.status_code for answer in answers} <= {404, 422}
