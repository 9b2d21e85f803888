from pathlib import Path

import pytest

from maskwright.app import create_app
from maskwright.settings import Settings


@pytest.fixture
def paths_of_the_api(tmp_path: Path) -> dict[str, dict[str, object]]:
    """Return the paths of the OpenAPI description, each with its methods."""
    settings = Settings(data_dir=tmp_path, warm=False, worker=False)
    return create_app(settings).openapi()["paths"]
