"""Which images a list holds and in which order, as the address says it: one reading for all."""

from typing import Annotated

from fastapi import Depends, Query

from maskwright.domain.labels import VOID
from maskwright.domain.status import Status
from maskwright.services.image_list import ImageFilter, Order


def image_filter(
    status: Annotated[
        list[Status] | None, Query(max_length=10, description="Any of these statuses.")
    ] = None,
    label: Annotated[
        int | None,
        Query(ge=0, lt=VOID, description="Index that the mask, or else the draft, has pixels of."),
    ] = None,
    q: Annotated[
        str,
        Query(max_length=200, pattern=r"^[^\u0000]*$", description="Part of the name."),
    ] = "",
    trash: Annotated[bool, Query(description="Those in the trash instead.")] = False,
    min_uncertainty: Annotated[
        float | None, Query(ge=0, le=1, description="Only drafts at least this doubtful.")
    ] = None,
    max_uncertainty: Annotated[
        float | None, Query(ge=0, le=1, description="Only drafts at most this doubtful.")
    ] = None,
) -> ImageFilter:
    return ImageFilter(tuple(status or ()), label, q, trash, min_uncertainty, max_uncertainty)


FilterDep = Annotated[ImageFilter, Depends(image_filter)]
OrderDep = Annotated[
    Order,
    Query(
        description="By name; most doubtful first (`-uncertainty`: least), images without a "
        "draft last; last changed first."
    ),
]
