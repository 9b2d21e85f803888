"""Images on both databases, and many uploads at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

import fixtures_images as make
from maskwright import schema
from maskwright.db import Database
from maskwright.domain.actor import LOCAL
from maskwright.domain.presets import PRESETS
from maskwright.services import blobs, image_list, images, projects, stats
from maskwright.services.decode import Limits
from maskwright.services.image_list import ImageFilter
from maskwright.tables import BlobRow, ImageRow

LIMITS = Limits(max_bytes=1_000_000, max_pixels=1_000_000)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, db: Database) -> Iterator[Database]:
    """An empty store of either kind."""
    if request.param == "sqlite":
        yield db
        return
    make_url: Callable[[], str] = request.getfixturevalue("postgres_url")
    database = Database(make_url())
    schema.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def project_id(store: Database) -> int:
    with store.write() as session:
        labels = PRESETS["voc"].labels
        return projects.create(session, "Store", "", labels, "default", LOCAL).id


def upload(store: Database, project_id: int, name: str, data: bytes) -> images.UploadResult:
    return images.upload(store, project_id, name, data, LOCAL, LIMITS)


def together(count: int, work: Callable[[int], images.UploadResult]) -> list[images.UploadResult]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def test_same_bytes_from_eight_at_once_are_stored_once(store: Database, project_id: int) -> None:
    data = make.png()
    results = together(8, lambda n: upload(store, project_id, f"{n}.png", data))
    assert len({result.image.id for result in results}) == 1
    assert sum(not result.duplicate for result in results) == 1


def test_same_name_from_eight_at_once_gets_eight_names(store: Database, project_id: int) -> None:
    together(8, lambda n: upload(store, project_id, "a.png", make.png(10 + n)))
    with store.read() as session:
        rows, _ = image_list.page(session, project_id, ImageFilter())
    expected = {"a.png", *(f"a ({number}).png" for number in range(2, 9))}
    assert {row.name for row in rows} == expected


def test_equal_files_of_two_projects_are_one_blob(store: Database, project_id: int) -> None:
    with store.write() as session:
        other = projects.create(session, "Other", "", (), "default", LOCAL).id
    upload(store, project_id, "a.png", make.png())
    with store.read() as session:
        before = session.scalar(select(func.count()).select_from(BlobRow))
    upload(store, other, "b.png", make.png())
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(BlobRow)) == before


@pytest.mark.parametrize("order", ["name", "uncertainty", "-uncertainty", "updated"])
def test_pages_are_the_whole_list(
    store: Database, project_id: int, order: image_list.Order
) -> None:
    for number in range(5):
        upload(store, project_id, f"Ä{number}.png", make.png(10 + number))
    found, cursor = [], None
    with store.read() as session:
        for _ in range(3):
            rows, cursor = image_list.page(session, project_id, ImageFilter(), order, cursor, 2)
            found += [row.id for row in rows]
    assert (len(set(found)), cursor) == (5, None)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("uncertainty", [0.7, 0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2, None, None]),
        ("-uncertainty", [0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2, 0.7, None, None]),
    ],
)
def test_pages_by_doubt_cut_ties_and_unknowns_right(
    store: Database, project_id: int, order: image_list.Order, expected: list[float | None]
) -> None:
    for number, value in enumerate([0.1 + 0.2, None, 0.7, 0.1 + 0.2, None, 0.1 + 0.2]):
        made = upload(store, project_id, f"{number}.png", make.png(10 + number)).image
        with store.write() as session:
            session.get_one(ImageRow, made.id).uncertainty = value
    found, cursor = [], None
    with store.read() as session:
        for _ in range(6):
            rows, cursor = image_list.page(session, project_id, ImageFilter(), order, cursor, 1)
            found += rows
    assert cursor is None
    assert len({row.id for row in found}) == 6
    assert [row.uncertainty for row in found] == expected


def test_doubt_on_the_edge_of_a_bin_belongs_to_the_upper_one(
    store: Database, project_id: int
) -> None:
    for at in (0, 3, 10, 11, 49, 50):
        made = upload(store, project_id, f"{at}.png", make.png(10 + at)).image
        with store.write() as session:
            session.get_one(ImageRow, made.id).uncertainty = at / stats.UNCERTAINTY_BINS
    with store.read() as session:
        bins = stats.of_project(session, project_id).uncertainty
    assert [at for at, number in enumerate(bins) for _ in range(number)] == [0, 3, 10, 11, 49, 49]


def test_filters_work_together(store: Database, project_id: int) -> None:
    upload(store, project_id, "Cat_1.png", make.png())
    wanted = ImageFilter(statuses=("new", "proposed"), q="cat_", label=None)
    none = ImageFilter(statuses=("new",), q="cat_", label=8)
    with store.read() as session:
        found = [len(image_list.page(session, project_id, by)[0]) for by in (wanted, none)]
    assert found == [1, 0]


def test_part_of_a_blob_is_read(store: Database) -> None:
    with store.write() as session:
        name = blobs.put(session, bytes(range(256)))
    with store.read() as session:
        assert blobs.read(session, name, 10, 20) == bytes(range(10, 20))
        assert blobs.read(session, name, 250) == bytes(range(250, 256))
