"""Creates that are asked for twice under one Idempotency-Key happen once."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.errors import Conflict
from maskwright.tables import IdempotencyRow


def once(
    db: Database,
    actor: Actor,
    kind: str,
    key: str | None,
    request: dict[str, Any],
    create: Callable[[Session], int],
) -> int:
    """Return the id that `create` gives, or gave when the key was first used.

    The key is kept in the same transaction as what it stands for. Raises Conflict when the key
    was used for another request.
    """
    wanted = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    name = f"{kind}/{actor.id}/{key}"
    try:
        with db.write() as session:
            known = session.get(IdempotencyRow, name) if key else None
            if known is None:
                created = create(session)
                if key:
                    row = IdempotencyRow(key=name, request_sha256=wanted, resource_id=str(created))
                    session.add(row)
                return created
    except IntegrityError:
        # PostgreSQL lets in both of two equal requests at once; this one came second.
        with db.read() as session:
            known = session.get(IdempotencyRow, name)
        if known is None:
            raise
    if known.request_sha256 != wanted:
        raise Conflict(
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
            code="idempotency_key_reused",
        )
    return int(known.resource_id)
