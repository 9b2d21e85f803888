"""The job of the kind "export", run as a worker runs it."""

import json
import zipfile

import numpy as np
import pytest

from factories import BrightnessProposer, jpeg, photograph
from maskwright.db import Database
from maskwright.domain.actor import LOCAL
from maskwright.domain.labels import Label
from maskwright.domain.mask import Mask
from maskwright.jobs import export_task
from maskwright.jobs.port import run_unrecorded
from maskwright.jobs.tasks import TASKS
from maskwright.services import images, jobs, masks, projects
from maskwright.services.decode import Limits
from maskwright.services.drafting import Drafter
from maskwright.services.job_runs import JobRunner
from maskwright.settings import Settings
from maskwright.tables import JobRow


class NoQueue:
    """The test runs the job itself."""

    def submit(self, job_id: str, kind: str) -> None: ...
    def cancel(self, job_id: str) -> None: ...


@pytest.fixture
def project(db: Database) -> int:
    with db.write() as session:
        labels = [Label(0, "road", "#804080"), Label(1, "car", "#0000ff", is_thing=True)]
        return projects.create(session, "Street", "", labels, "default", LOCAL).id


def annotate(db: Database, project: int) -> None:
    limits = Limits(max_bytes=10_000_000, max_pixels=1_000_000)
    image = images.upload(db, project, "a.jpg", jpeg(photograph(40, 30)), LOCAL, limits).image
    classes = np.zeros((30, 40), np.uint8)
    classes[5:9, 5:9] = 1
    classes[6, 6] = 0
    classes[20:24, 20:24] = 1
    masks.save_mask(db, image.id, Mask(classes), 0, LOCAL)


def run(db: Database, settings: Settings, project: int, params: dict) -> JobRow:
    job = jobs.create(db, NoQueue(), LOCAL, "export", params, project)
    drafter = Drafter(lambda _name: BrightnessProposer(), 1, 0)
    JobRunner(db, settings, NoQueue(), drafter).execute(job.id, run_unrecorded)
    with db.read() as session:
        return jobs.get(session, job.id)


def test_the_task_is_registered():
    assert TASKS["export"] is export_task.run


def test_the_result_is_a_zip_and_its_proof(db, settings, project):
    annotate(db, project)
    job = run(db, settings, project, {"format": "voc", "statuses": None, "include": "annotated"})
    path = jobs.result_file(settings, job)
    assert job.result is not None
    assert job.result["proof"] == {
        "images": 1,
        "pixels": 1200,
        "objects": 2,
        "differing_pixels": 0,
        "objects_left_out": 0,
    }
    assert job.result["bytes"] == path.stat().st_size
    assert zipfile.ZipFile(path).testzip() is None


def test_polygons_are_written_if_asked_for(db, settings, project):
    annotate(db, project)
    job = run(db, settings, project, {"format": "coco", "polygons": True})
    with zipfile.ZipFile(jobs.result_file(settings, job)) as archive:
        document = json.loads(archive.read("annotations/instances.json"))
    whole, holed = 4 * 4, 4 * 4 - 1
    kinds = {one["area"]: type(one["segmentation"]) for one in document["annotations"]}
    assert (kinds[whole], kinds[holed]) == (list, dict)
    assert job.result is not None
    assert "RLE in place of polygons" in job.result["notes"][0]


def test_masks_are_in_colors_if_asked_for(db, settings, project):
    annotate(db, project)
    job = run(db, settings, project, {"format": "index-png", "colors": True})
    assert job.result is not None, job.error
    with zipfile.ZipFile(jobs.result_file(settings, job)) as archive:
        mask = next(path for path in archive.namelist() if path.startswith("masks/"))
        assert archive.read(mask)[25] == 2  # a PNG's kind of color: RGB
    proof = job.result["proof"]
    assert (proof["differing_pixels"], proof["objects"], proof["objects_left_out"]) == (0, 0, 2)


def test_a_project_with_nothing_to_export_fails_with_the_reason(db, settings, project):
    job = run(db, settings, project, {"format": "voc"})
    assert job.status == "failed"
    assert job.error is not None
    assert job.error["code"] == "nothing_to_export"
    assert "Add images first" in job.error["detail"]
