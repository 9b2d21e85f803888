"""The pages as documents; what they do in a browser is in tests/e2e."""

import json
import re

import pytest

from maskwright.tables import ImageRow

HTML = {"accept": "text/html,application/xhtml+xml"}


def bootstrap(text: str) -> dict:
    found = re.search(r'<script type="application/json" id="bootstrap">(.*?)</script>', text)
    assert found, "the page carries no data for its script"
    return json.loads(found[1])


@pytest.mark.parametrize("path", ["/", "/projects/new", "/trash"])
def test_a_page_is_served(client, path):
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("tail", ["", "/labels", "/model", "/export"])
def test_a_project_page_carries_its_project(client, project, tail):
    answer = client.get(f"/projects/{project['id']}{tail}", headers=HTML)
    assert bootstrap(answer.text)["project"] == project


def test_the_editor_page_carries_image_project_neighbours_and_limits(client, image):
    data = bootstrap(client.get(f"/images/{image['id']}", headers=HTML).text)
    assert data["image"] == image
    assert data["project"]["id"] == image["project_id"]
    assert (data["previous"], data["next"]) == (None, None)
    assert data["limits"]["max_pixels"] > 0


def test_neighbours_follow_the_names_and_leave_the_trash_out(client, project, make_images):
    first, trashed, middle, last = make_images("a.jpg", "b.jpg", "c.jpg", "d.jpg")
    client.delete(f"/api/v1/images/{trashed}")
    data = bootstrap(client.get(f"/images/{middle}", headers=HTML).text)
    assert (data["previous"], data["next"]) == (first, last)


def test_neighbours_follow_the_list_that_the_image_was_opened_from(client, project, make_images):
    a, b, c, d, e = make_images("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")
    with client.app.state.db.write() as session:
        for image, doubt in ((a, 0.2), (b, 0.9), (c, 0.2), (d, 0.5)):
            session.get_one(ImageRow, image).uncertainty = doubt
    client.post(f"/api/v1/images/{d}/status", json={"status": "in_progress"})
    listed = {"order": "uncertainty", "status": "new"}  # b, then c and a, then e; d fits no more

    def beside(image: int) -> tuple[int | None, int | None]:
        data = bootstrap(client.get(f"/images/{image}", params=listed, headers=HTML).text)
        return data["previous"], data["next"]

    assert [beside(image) for image in (b, d, c, a, e)] == [
        (None, c),
        (b, c),
        (b, a),
        (c, e),
        (a, None),
    ]


def test_links_of_the_editor_keep_the_list(client, project, make_images):
    first, last = make_images("a.jpg", "b.jpg")
    text = client.get(f"/images/{first}?status=new&q=.jpg", headers=HTML).text
    assert f'href="/images/{last}?status=new&amp;q=.jpg"' in text
    assert f'href="/projects/{project["id"]}?status=new&amp;q=.jpg"' in text


def test_a_name_that_looks_like_markup_stays_text(client):
    name = "</script><script>alert(1)</script>"
    made = client.post("/api/v1/projects", json={"name": name}).json()
    text = client.get(f"/projects/{made['id']}", headers=HTML).text
    assert "<script>alert" not in text
    assert bootstrap(text)["project"]["name"] == name


@pytest.mark.parametrize("path", ["/projects/999", "/images/999", "/nowhere"])
def test_what_is_not_there_is_said_as_a_page(client, path):
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 404
    assert "Page not found" in answer.text


def test_an_address_that_makes_no_sense_is_said_as_a_page(client):
    answer = client.get("/projects/abc", headers=HTML)
    assert answer.status_code == 422
    assert "<h1>" in answer.text


def test_a_program_gets_a_problem_instead_of_a_page(client):
    answer = client.get("/projects/999", headers={"accept": "application/json"})
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_api_answers_a_browser_with_a_problem(client):
    answer = client.get("/api/v1/projects/999", headers=HTML)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_trashed_project_points_to_the_trash(client, project):
    client.delete(f"/api/v1/projects/{project['id']}")
    answer = client.get(f"/projects/{project['id']}", headers=HTML)
    assert answer.status_code == 410
    assert 'href="/trash"' in answer.text


def test_no_page_needs_inline_script_or_style(client, project, image):
    paths = ["/", "/projects/new", "/trash", "/nowhere", f"/images/{image['id']}"]
    paths += [f"/projects/{project['id']}{tail}" for tail in ("", "/labels", "/model", "/export")]
    for path in paths:
        text = client.get(path, headers=HTML).text
        inline = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", text)
        assert inline == [], path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), path


def test_everything_a_page_links_is_served(client, project):
    text = client.get(f"/projects/{project['id']}", headers=HTML).text
    links = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', text))
    assert links
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_a_browser_never_mixes_old_and_new_modules(client):
    first = client.get("/static/pages/gallery.js")
    again = client.get("/static/pages/gallery.js", headers={"If-None-Match": first.headers["etag"]})
    assert first.headers["cache-control"] == "no-cache"
    assert again.status_code == 304


def test_every_icon_that_is_used_is_in_the_sprite(client):
    from maskwright.paths import resource_dir

    frontend = resource_dir("frontend")
    sprite = (frontend / "vendor/lucide/sprite.svg").read_text()
    present = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    used = set()
    for file in [*frontend.glob("templates/*.html"), *frontend.glob("*/*.js")]:
        used |= set(re.findall(r'\bicon\(\s*"([a-z0-9-]+)"', file.read_text()))
    assert used - present == set()


@pytest.fixture
def make_images(client, project):
    from factories import jpeg, photograph

    def make(*names: str) -> list[int]:
        files = [
            ("files", (name, jpeg(photograph(64, 48, seed)))) for seed, name in enumerate(names)
        ]
        answer = client.post(f"/api/v1/projects/{project['id']}/images", files=files)
        return [item["id"] for item in answer.json()]

    return make
