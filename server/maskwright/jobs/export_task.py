"""The job of the kind "export": a project becomes a zip, its result the report."""

from typing import Any

from maskwright.errors import NotFound
from maskwright.formats.base import ExportOptions
from maskwright.jobs.tasks import JobContext, task
from maskwright.services.exports import ExportRequest, export_project


@task("export")
def run(ctx: JobContext) -> dict[str, Any]:
    """Export `ctx.project_id` as `ctx.params` say: format, statuses, include, polygons, colors."""
    if ctx.project_id is None:
        raise NotFound("An export needs a project.")
    request = ExportRequest(
        format=ctx.params["format"],
        statuses=ctx.params.get("statuses"),
        include=ctx.params.get("include", "annotated"),
        options=ExportOptions(
            "polygons" if ctx.params.get("polygons") else "rle",
            colors=bool(ctx.params.get("colors")),
        ),
    )
    report = export_project(
        ctx.db, ctx.project_id, request, ctx.result_path, ctx.progress, ctx.check_cancelled
    )
    return report.to_json()
