"""The labels of a project: one owner for how rows become values and how a set may change."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from maskwright.domain.labels import InvalidLabels, Label, check_label_set
from maskwright.errors import LabelInUse, Unprocessable
from maskwright.tables import ImageRow, LabelRow, ProjectRow, RefRow, RevisionRow


def to_label(row: LabelRow) -> Label:
    return Label(row.index, row.name, row.color, row.hotkey, row.is_thing)


def labels_of(session: Session, project_id: int) -> list[Label]:
    """Return the project's labels in the order they are shown."""
    rows = session.scalars(
        select(LabelRow).where(LabelRow.project_id == project_id).order_by(LabelRow.position)
    )
    return [to_label(row) for row in rows]


def known_indices(session: Session, project_id: int) -> set[int]:
    """Return the indices that masks may hold, and keep them so until the transaction ends."""
    lock = select(ProjectRow.id).where(ProjectRow.id == project_id).with_for_update(read=True)
    if session.get_bind().dialect.name != "sqlite":  # which lets in one writer anyway
        session.execute(lock)
    return set(session.scalars(select(LabelRow.index).where(LabelRow.project_id == project_id)))


def checked(labels: Sequence[Label]) -> Sequence[Label]:
    """Return the labels if a project can have them together; raise Unprocessable if not."""
    try:
        check_label_set(labels)
    except InvalidLabels as error:
        raise Unprocessable(str(error), code="invalid_labels") from error
    return labels


def replace(session: Session, project: ProjectRow, labels: Sequence[Label]) -> set[int]:
    """Give the project these labels; return the indices that it had no label for.

    Names, colors, hotkeys and order change freely. Raises LabelInUse when an index would
    disappear that masks still hold.
    """
    session.flush()  # or refreshing would forget a new name that is not written yet
    session.refresh(project, with_for_update=True)
    before, after = {row.index for row in project.labels}, {label.index for label in labels}
    gone = before - after
    used = usage(session, project.id)
    held = {index: used[index] for index in sorted(gone) if used.get(index)}
    if held:
        names = {row.index: row.name for row in project.labels}
        listed = ", ".join(f"“{names[i]}” (index {i}, {n} images)" for i, n in held.items())
        raise LabelInUse(
            f"Masks still use {listed}. Rename the label instead, or repaint those pixels first; "
            "its index can't be taken away while pixels hold it.",
            labels=[{"index": i, "name": names[i], "images": n} for i, n in held.items()],
        )
    project.labels.clear()
    session.flush()  # before the new rows, or equal indices would collide
    project.labels.extend(rows_for(checked(labels)))
    return after - before


def rows_for(labels: Sequence[Label]) -> list[LabelRow]:
    return [
        LabelRow(
            index=label.index,
            name=label.name,
            color=label.color,
            hotkey=label.hotkey,
            is_thing=label.is_thing,
            position=position,
        )
        for position, label in enumerate(labels)
    ]


def usage(session: Session, project_id: int) -> dict[int, int]:
    """Return index → number of images whose head or proposal holds it. Trash counts too."""
    rows = session.execute(
        select(RevisionRow.image_id, RevisionRow.counts)
        .join(RefRow, RefRow.revision_id == RevisionRow.id)
        .join(ImageRow, ImageRow.id == RefRow.image_id)
        .where(ImageRow.project_id == project_id)
    )
    images: dict[int, set[int]] = {}
    for image_id, counts in rows:
        for index in counts:
            images.setdefault(int(index), set()).add(image_id)
    return {index: len(ids) for index, ids in images.items()}
