"""How far a project is, and what its masks are made of."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maskwright.domain.labels import VOID
from maskwright.services.projects import status_counts
from maskwright.tables import ImageRow, RefRow, RevisionRow

UNCERTAINTY_BINS = 50
"""Of equal width from 0 to 1; the last one holds 1 as well."""


@dataclass(frozen=True)
class ProjectStats:
    """Counts over the images that are not in the trash. Pixels are those of ground truth.

    `uncertainty` is the number of images with a draft in each of `UNCERTAINTY_BINS`.
    """

    images: int
    by_status: dict[str, int]
    labelled_images: int
    label_pixels: dict[str, int]
    void_pixels: int
    uncertainty: list[int]

    @property
    def pixels(self) -> int:
        return sum(self.label_pixels.values()) + self.void_pixels

    @property
    def label_share(self) -> dict[str, float]:
        """Share of all pixels with ground truth, void among them, per label index."""
        return {i: n / self.pixels for i, n in self.label_pixels.items()} if self.pixels else {}

    @property
    def void_share(self) -> float:
        return self.void_pixels / self.pixels if self.pixels else 0.0


def of_project(session: Session, project_id: int) -> ProjectStats:
    """Count one project's images and pixels."""
    by_status = status_counts(session, [project_id])[project_id]
    rows = session.scalars(
        select(RevisionRow.counts)
        .join(RefRow, RefRow.revision_id == RevisionRow.id)
        .join(ImageRow, ImageRow.id == RefRow.image_id)
        .where(
            ImageRow.project_id == project_id,
            ImageRow.trashed_at.is_(None),
            RefRow.name == "head",
        )
    ).all()
    pixels: dict[str, int] = {}
    for counts in rows:
        for index, count in counts.items():
            pixels[index] = pixels.get(index, 0) + count
    void = pixels.pop(str(VOID), 0)
    uncertainty = _uncertainty(session, project_id)
    return ProjectStats(sum(by_status.values()), by_status, len(rows), pixels, void, uncertainty)


def _uncertainty(session: Session, project_id: int) -> list[int]:
    """Count the images by the doubt of their drafts."""
    # Rounded down. Databases do not agree on where a half goes, nor do all of them have `floor`.
    bin_ = func.round(ImageRow.uncertainty * UNCERTAINTY_BINS - 0.4999999)
    drafted = (
        ImageRow.project_id == project_id,
        ImageRow.trashed_at.is_(None),
        ImageRow.uncertainty.is_not(None),
    )
    bins = [0] * UNCERTAINTY_BINS
    for value, number in session.execute(select(bin_, func.count()).where(*drafted).group_by(bin_)):
        bins[min(int(value), UNCERTAINTY_BINS - 1)] += number
    return bins
