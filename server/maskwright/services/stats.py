"""How far a project is, and what its masks are made of."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from maskwright.domain.labels import VOID
from maskwright.services.projects import status_counts
from maskwright.tables import ImageRow, RefRow, RevisionRow


@dataclass(frozen=True)
class ProjectStats:
    """Counts over the images that are not in the trash. Pixels are those of ground truth."""

    images: int
    by_status: dict[str, int]
    labelled_images: int
    label_pixels: dict[str, int]
    void_pixels: int

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
    return ProjectStats(sum(by_status.values()), by_status, len(rows), pixels, void)
