"""Health, models and metrics."""


def test_health_tells_the_version(client):
    assert client.get("/api/v1/health").json() == {"status": "ok", "version": "0.1.0"}


def test_models_name_the_default_and_its_labels(client):
    (default,) = [model for model in client.get("/api/v1/models").json() if model["default"]]
    assert default["labels"][8] == "cat"


def test_metrics_count_requests_by_route_and_not_by_image(client, image):
    for _ in range(3):
        client.get(f"/api/v1/images/{image['id']}/mask")
    text = client.get("/api/v1/metrics").text
    counted = 'method="GET",route="/api/v1/images/{image_id}/mask",status="200"'
    assert f"maskwright_requests_total{{{counted}}} 3.0" in text


def test_metrics_tell_pages_from_the_api(client):
    client.get("/projects/new")
    assert 'route="/projects/new"' in client.get("/api/v1/metrics").text
