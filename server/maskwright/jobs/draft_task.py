"""The job of the kind "draft_chunk": some images of a run of drafts."""

from maskwright.jobs.tasks import task
from maskwright.services.draft_chunks import draft_chunk

task("draft_chunk")(draft_chunk)
