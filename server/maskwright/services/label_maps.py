"""How a project reads a model's labels: by their names, or as its people decided.

A choice is kept for each project and model, so changing the model and back loses none. It holds
the index of a label: a renamed label keeps what leads to it, a removed one leaves void.
"""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.domain.label_map import LabelMap, label_map
from maskwright.errors import NotFound, UnknownLabel, Unprocessable
from maskwright.services.labels import known_indices, labels_of
from maskwright.tables import ImageRow, LabelMapRow, ProjectRow, RefRow, RevisionRow, now


def of(session: Session, project_id: int, model: str, labels: Sequence[str]) -> LabelMap:
    """Return where each of the model's labels goes in the project."""
    row = session.get(LabelMapRow, (project_id, model))
    return label_map(labels, labels_of(session, project_id), row.map if row else {})


def save(
    db: Database,
    project_id: int,
    model: str,
    labels: Sequence[str],
    chosen: Mapping[str, int | None],
    actor: Actor,
) -> None:
    """Keep what a person chose, all of it; the last to save wins. Nothing chosen forgets it.

    Raises Unprocessable for a name that the model lacks, UnknownLabel for an index that the
    project lacks.
    """
    strangers = [name for name in chosen if name not in labels]
    if strangers:
        raise Unprocessable(f"The model {model} has no label {strangers[0]!r}. Leave it out.")
    with db.write() as session:
        _lock(session, project_id)
        known = known_indices(session, project_id)
        wrong = sorted({index for index in chosen.values() if index is not None} - known)
        if wrong:
            raise UnknownLabel(
                f"The project has no label {wrong[0]}. Choose one it has, or null for void.",
                labels=wrong,
            )
        row = session.get(LabelMapRow, (project_id, model))
        if not chosen:
            if row is not None:
                session.delete(row)
            return
        if row is None:
            row = LabelMapRow(project_id=project_id, model=model)
            session.add(row)
        row.map, row.updated_at, row.updated_by = dict(chosen), now(), actor.id


def forget_labels(session: Session, project_id: int, indices: set[int]) -> None:
    """Make choices for these indices void, because they are about to mean other labels.

    The label that was chosen is gone, and nobody chose the one that takes its index.
    """
    for row in session.scalars(select(LabelMapRow).where(LabelMapRow.project_id == project_id)):
        row.map = {name: None if to in indices else to for name, to in row.map.items()}


def outdated(session: Session, project_id: int, model: str, current: LabelMap) -> int:
    """Return how many images wait with a draft that was made by another map or another model."""
    waiting = (
        select(RevisionRow.model, RevisionRow.draft["map"].as_string().label("map"))
        .join(RefRow, RefRow.revision_id == RevisionRow.id)
        .join(ImageRow, ImageRow.id == RefRow.image_id)
        .where(
            ImageRow.project_id == project_id,
            ImageRow.status == "proposed",
            ImageRow.trashed_at.is_(None),
            RefRow.name == "proposal",
            RevisionRow.kind == "model",
        )
        .subquery()
    )
    # The database counts equal texts: there are few, and as many drafts as images.
    kind = (waiting.c.model, waiting.c.map)
    drafts = session.execute(select(*kind, func.count()).group_by(*kind)).all()
    wanted = (model, current.record)
    return sum(
        count for made_by, text, count in drafts if (made_by, json.loads(text or "null")) != wanted
    )


def _lock(session: Session, project_id: int) -> None:
    """Let one at a time change the maps of a project."""
    if session.get(ProjectRow, project_id, with_for_update=True) is None:
        raise NotFound(f"There is no project {project_id}.")
