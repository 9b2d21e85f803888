"""The composition root of the web: joins store, models, jobs and routes into one application."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from maskwright import __version__, models, problems, schema
from maskwright.db import Database
from maskwright.errors import AppError
from maskwright.jobs.dbos_queue import DbosQueue, system_database_url
from maskwright.metrics import RequestMetrics
from maskwright.openapi import describe
from maskwright.paths import resource_dir
from maskwright.routes import (
    draft_runs,
    exports,
    images,
    jobs,
    label_maps,
    masks,
    meta,
    pages,
    projects,
    proposals,
    review,
)
from maskwright.security import BrowserGuard
from maskwright.services.drafting import Drafter, Loader
from maskwright.settings import Settings

API = "/api/v1"
STATIC = ("css", "editor", "lib", "pages", "vendor", "images")
log = structlog.get_logger()


def create_app(settings: Settings, load_model: Loader | None = None) -> FastAPI:
    """Return the application. `load_model` replaces the real models, for tests."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database)
    schema.upgrade(db)
    queue = DbosQueue(system_database_url(settings))
    drafter = Drafter(
        load_model or models.quiet_loader(settings),
        settings.proposal_concurrency,
        settings.proposal_queue,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if settings.warm:
            threading.Thread(target=_warm, args=(drafter, settings.model), daemon=True).start()
        yield
        queue.close()
        db.close()

    app = FastAPI(
        title="Maskwright",
        version=__version__,
        summary="Ground truth for semantic segmentation, drafted by a model, finished by people.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # its page loads scripts from a third party
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.db = db
    app.state.settings = settings
    app.state.queue = queue
    app.state.drafter = drafter
    app.state.metrics = CollectorRegistry()
    app.state.list_models = lambda: models.listed([settings.models_dir])
    problems.install(app)
    pages.install(app)
    for module in (projects, label_maps, proposals, draft_runs, review, exports, jobs, meta):
        app.include_router(module.router, prefix=API, max_body_size=settings.max_json_bytes)
    app.include_router(
        images.router,
        prefix=API,
        max_body_size=settings.max_request_bytes,
        # Far enough above our own limit that it is ours which answers, in words.
        form_limits={"max_files": 10 * settings.max_files_per_upload},
    )
    app.include_router(masks.router, prefix=API, max_body_size=settings.max_mask_bytes)
    app.include_router(pages.router, include_in_schema=False)
    for name in STATIC:
        folder = resource_dir("frontend") / name
        if folder.is_dir():
            app.mount(f"/static/{name}", pages.Static(directory=folder))
    app.add_middleware(RequestMetrics, registry=app.state.metrics, prefix=API)
    app.add_middleware(BrowserGuard, allowed_hosts=settings.allowed_hosts)
    describe(app)
    return app


def _warm(drafter: Drafter, model: str) -> None:
    try:
        drafter.warm(model)
    except AppError as error:
        log.warning("the model is not ready", model=model, reason=error.detail)
