"""Projects: made, found, changed, thrown away and taken back."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.domain.labels import Label
from maskwright.domain.proposer import DraftOptions
from maskwright.errors import NotFound, Unprocessable
from maskwright.services import label_maps
from maskwright.services import labels as label_sets
from maskwright.tables import ImageRow, ProjectRow, now

MAX_NAME = 200


def create(
    session: Session,
    name: str,
    description: str,
    labels: Sequence[Label],
    model: str,
    actor: Actor,
) -> ProjectRow:
    """Make a project. Raises Unprocessable when the name or the labels can't be."""
    project = ProjectRow(
        name=checked_name(name),
        description=description,
        model=model,
        created_by=actor.id,
        labels=label_sets.rows_for(label_sets.checked(labels)),
    )
    session.add(project)
    session.flush()
    return project


def checked_name(name: str) -> str:
    """Return the name without space around it if a project can have it, or raise Unprocessable."""
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME or any(char < " " for char in name):
        raise Unprocessable(f"A project needs a name of 1 to {MAX_NAME} printable characters.")
    return name


def get(session: Session, project_id: int) -> ProjectRow:
    project = session.get(ProjectRow, project_id)
    if project is None:
        raise NotFound(f"There is no project {project_id}.")
    return project


def by_name(session: Session, name: str) -> ProjectRow | None:
    """Return the newest project of that name that is not in the trash."""
    return session.scalar(
        select(ProjectRow)
        .where(ProjectRow.name == name, ProjectRow.trashed_at.is_(None))
        .order_by(ProjectRow.id.desc())
        .limit(1)
    )


def page(
    session: Session, q: str | None, trash: bool, before: int | None, limit: int
) -> Sequence[ProjectRow]:
    """Return projects, newest first, with numbers under `before`."""
    where: list[ColumnElement[bool]] = [
        ProjectRow.trashed_at.is_not(None) if trash else ProjectRow.trashed_at.is_(None)
    ]
    if q:
        where.append(func.lower(ProjectRow.name).contains(q.lower(), autoescape=True))
    if before is not None:
        where.append(ProjectRow.id < before)
    query = select(ProjectRow).where(*where).order_by(ProjectRow.id.desc()).limit(limit)
    return session.scalars(query).all()


def status_counts(session: Session, project_ids: Sequence[int]) -> Mapping[int, dict[str, int]]:
    """Return the number of images per status, trash left out, of each project."""
    counts: dict[int, dict[str, int]] = {project_id: {} for project_id in project_ids}
    rows = session.execute(
        select(ImageRow.project_id, ImageRow.status, func.count())
        .where(ImageRow.project_id.in_(project_ids), ImageRow.trashed_at.is_(None))
        .group_by(ImageRow.project_id, ImageRow.status)
    )
    for project_id, status, count in rows:
        counts[project_id][status] = count
    return counts


def change(
    db: Database,
    project_id: int,
    name: str | None,
    description: str | None,
    labels: Sequence[Label] | None,
    model: str | None,
    draft_options: DraftOptions | None = None,
) -> ProjectRow:
    """Change what is given. Raises LabelInUse, Unprocessable."""
    with db.write() as session:
        project = get(session, project_id)
        if name is not None:
            project.name = name
        if description is not None:
            project.description = description
        if model is not None:
            project.model = model
        if draft_options is not None:
            plain = draft_options == DraftOptions()
            project.draft_options = None if plain else draft_options.record
        if labels is not None:
            added = label_sets.replace(session, project, labels)
            label_maps.forget_labels(session, project_id, added)
        project.updated_at = now()
        return project


def trash(db: Database, project_id: int) -> None:
    with db.write() as session:
        project = get(session, project_id)
        project.trashed_at = project.trashed_at or now()


def undelete(db: Database, project_id: int) -> ProjectRow:
    with db.write() as session:
        project = get(session, project_id)
        project.trashed_at = None
        return project
