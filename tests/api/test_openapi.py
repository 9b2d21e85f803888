"""The contract: schemathesis sends what the document allows and much that it does not."""

import contextlib
import tempfile
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from factories import jpeg, photograph, png
from maskwright.app import create_app
from maskwright.settings import Settings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FEW = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """An application whose project 1 and image 1 exist, so that paths with ids lead somewhere."""
    from factories import BrightnessProposer, create_project

    chosen = Settings(
        data_dir=tmp_path_factory.mktemp("openapi"),
        warm=False,
        worker=False,
        allowed_hosts=["testserver", "localhost"],
        max_upload_bytes=1 << 20,
    )
    app = create_app(chosen, lambda _name: BrightnessProposer())
    client = TestClient(app)
    create_project(client)
    data = jpeg(photograph(300, 200))
    client.post("/api/v1/projects/1/images", files=[("files", ("a.jpg", data))])
    mask = png(photograph(300, 200)[..., 0] * 0)
    client.put("/api/v1/images/1/mask", content=mask, headers={"If-Match": '"0"'})
    client.post("/api/v1/images/1/proposal")
    return app


def operations() -> list[tuple[str, str]]:
    """Every (path, method) of the document, but for the endless stream of events."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), warm=False, worker=False))
        app.state.db.close()
    found = [(path, verb) for path, verbs in app.openapi()["paths"].items() for verb in verbs]
    return [(path, verb) for path, verb in found if not path.endswith("/events")]


@pytest.mark.parametrize(("path", "verb"), operations())
def test_no_request_breaks_the_contract(live, path, verb):
    operation = schemathesis.openapi.from_asgi("/api/v1/openapi.json", live)[path][verb]

    @FEW
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def accepted(case):
        case.call_and_validate(checks=CHECKS)

    @FEW
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def broken(case):
        case.call_and_validate(checks=CHECKS)

    accepted()
    with contextlib.suppress(Unsatisfiable):  # some operations take nothing that could be wrong
        broken()


def test_every_operation_is_described(live):
    document = live.openapi()
    bare = [
        f"{method} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if not operation.get("description")
    ]
    assert bare == []


def test_every_request_body_has_an_example(live):
    document = live.openapi()
    schemas = document["components"]["schemas"]
    bare = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            for kind, media in content.items():
                text = str(media.get("schema", {}))
                names = [name for name in schemas if f"schemas/{name}'" in text]
                examples = [schemas[name].get("examples") for name in names]
                if kind == "application/json" and not any(examples) and "examples" not in media:
                    bare.append(f"{method} {path}")
    assert bare == []
