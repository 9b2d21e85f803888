"""One line of log per event, to stderr: readable for people, or JSON for machines."""

import logging
import sys

import structlog

from maskwright.settings import Settings


def configure(settings: Settings) -> None:
    """Send structlog's events, and the standard library's, to stderr."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    # At INFO they tell each step of making their tables, and of caches that nobody asked for.
    for name in ("alembic", "dbos", "torch"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    renderer = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
