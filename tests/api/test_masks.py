"""Masks over HTTP: what goes in comes out, and nobody's save is lost."""

import base64

import numpy as np

from factories import LABELS, png, read_png
from maskwright.domain.codec import MEDIA_TYPE, TileBundle

TREE, SKY, VOID = 1, 7, 255


def tile(value: int) -> np.ndarray:
    return np.full((256, 256), value, np.uint8)


def bundle(image: dict, **tiles: np.ndarray) -> bytes:
    """A bundle of class tiles: `t0=…` is tile 0."""
    numbered = {int(name[1:]): pixels for name, pixels in tiles.items()}
    return TileBundle(image["width"], image["height"], {"classes": numbered}).to_bytes()


def patch(client, image: dict, base: int | str, **tiles: np.ndarray):
    return client.patch(
        f"/api/v1/images/{image['id']}/mask",
        content=bundle(image, **tiles),
        headers={"If-Match": f'"{base}"', "Content-Type": MEDIA_TYPE},
    )


def put(client, image: dict, mask: np.ndarray, base: int | str):
    return client.put(
        f"/api/v1/images/{image['id']}/mask",
        content=png(mask),
        headers={"If-Match": f'"{base}"', "Content-Type": "image/png"},
    )


def get(client, image: dict, **params) -> np.ndarray:
    answer = client.get(f"/api/v1/images/{image['id']}/mask", params=params)
    assert answer.status_code == 200, answer.text
    return read_png(answer.content)


def striped(image: dict) -> np.ndarray:
    mask = np.full((image["height"], image["width"]), VOID, np.uint8)
    mask[::3] = TREE
    mask[:, 280:] = SKY
    return mask


def test_mask_of_new_image_is_void_at_revision_0(client, image):
    answer = client.get(f"/api/v1/images/{image['id']}/mask")
    assert answer.headers["etag"] == '"0"'
    assert (read_png(answer.content) == VOID).all()


def test_put_mask_comes_back_pixel_for_pixel(client, image):
    saved = put(client, image, striped(image), 0)
    assert saved.status_code == 200, saved.text
    assert np.array_equal(get(client, image), striped(image))


def test_put_mask_etag_is_the_new_revision(client, image):
    saved = put(client, image, striped(image), 0)
    answer = client.get(f"/api/v1/images/{image['id']}/mask")
    assert answer.headers["etag"] == saved.headers["etag"] == f'"{saved.json()["id"]}"'


def test_get_mask_png_has_the_colors_of_the_labels(client, image):
    from io import BytesIO

    from PIL import Image

    put(client, image, striped(image), 0)
    answer = client.get(f"/api/v1/images/{image['id']}/mask")
    picture = Image.open(BytesIO(answer.content))
    assert picture.mode == "P"
    assert picture.getpalette()[SKY * 3 : SKY * 3 + 3] == [0x40, 0xA0, 0xFF]


def test_unchanged_mask_is_not_sent_again(client, image):
    etag = put(client, image, striped(image), 0).headers["etag"]
    answer = client.get(f"/api/v1/images/{image['id']}/mask", headers={"If-None-Match": etag})
    assert answer.status_code == 304


def test_save_without_if_match_is_refused(client, image):
    answer = client.put(f"/api/v1/images/{image['id']}/mask", content=png(striped(image)))
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_required")


def test_patch_changes_only_the_sent_tiles(client, image):
    first = put(client, image, striped(image), 0).json()
    patch(client, image, first["id"], t1=tile(TREE))
    expected = striped(image)
    expected[:, 256:] = TREE
    assert np.array_equal(get(client, image), expected)


def test_saves_of_different_tiles_merge(client, image):
    base = put(client, image, striped(image), 0).json()["id"]
    patch(client, image, base, t0=tile(SKY))
    merged = patch(client, image, base, t1=tile(TREE))
    expected = np.where(np.arange(300) < 256, SKY, TREE)[None].repeat(200, 0)
    assert merged.json()["kind"] == "merge"
    assert np.array_equal(get(client, image), expected)


def test_saves_of_the_same_tile_clash_and_name_it(client, image):
    base = put(client, image, striped(image), 0).json()["id"]
    head = patch(client, image, base, t0=tile(SKY), t1=tile(SKY)).json()["id"]
    answer = patch(client, image, base, t1=tile(TREE))
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["head"]) == (409, "stale_revision", head)
    assert problem["tiles"] == [{"layer": "classes", "index": 1, "x": 1, "y": 0}]


def test_clash_loses_nothing(client, image):
    base = put(client, image, striped(image), 0).json()["id"]
    patch(client, image, base, t0=tile(SKY))
    patch(client, image, base, t0=tile(TREE))
    assert (get(client, image)[:, :256] == SKY).all()


def test_put_on_stale_base_merges_by_tile(client, image):
    mask = striped(image)
    base = put(client, image, mask, 0).json()["id"]
    patch(client, image, base, t0=tile(SKY))
    mask[:, 256:] = TREE
    assert put(client, image, mask, base).json()["kind"] == "merge"
    assert (get(client, image)[:, :256] == SKY).all()


def test_same_idempotency_key_saves_once(client, image):
    headers = {"If-Match": '"0"', "Idempotency-Key": "k1", "Content-Type": MEDIA_TYPE}
    url = f"/api/v1/images/{image['id']}/mask"
    first = client.patch(url, content=bundle(image, t0=tile(SKY)), headers=headers).json()
    patch(client, image, first["id"], t0=tile(TREE))
    again = client.patch(url, content=bundle(image, t0=tile(SKY)), headers=headers).json()
    assert again["id"] == first["id"]


def test_idempotency_key_of_another_save_is_refused(client, image):
    headers = {"If-Match": "*", "Idempotency-Key": "once"}
    url = f"/api/v1/images/{image['id']}/mask"
    void = np.full((image["height"], image["width"]), 255, np.uint8)
    assert client.put(url, content=png(void * 0), headers=headers).status_code == 200
    answer = client.put(url, content=png(void), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_save_of_what_is_there_makes_no_revision(client, image):
    first = put(client, image, striped(image), 0).json()
    assert put(client, image, striped(image), first["id"]).json()["id"] == first["id"]


def test_index_without_label_is_refused(client, image):
    answer = patch(client, image, 0, t0=tile(42))
    assert (answer.status_code, answer.json()["indices"]) == (422, [42])


def test_mask_of_wrong_size_is_refused_with_both_sizes(client, image):
    answer = put(client, image, np.zeros((10, 20), np.uint8), 0)
    assert answer.status_code == 422
    assert "20×10" in answer.json()["detail"]
    assert "300×200" in answer.json()["detail"]


def test_colors_instead_of_indices_are_refused(client, image):
    answer = client.put(
        f"/api/v1/images/{image['id']}/mask",
        content=png(np.zeros((200, 300, 3), np.uint8)),
        headers={"If-Match": '"0"'},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_mask")


def test_damaged_bundle_is_refused(client, image):
    body = bytearray(bundle(image, t0=tile(SKY)))
    body[len(body) // 2] ^= 0xFF
    answer = client.patch(
        f"/api/v1/images/{image['id']}/mask",
        content=bytes(body),
        headers={"If-Match": '"0"', "Content-Type": MEDIA_TYPE},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_mask")


def test_pixels_beyond_the_edge_are_dropped(client, image):
    saved = patch(client, image, 0, t1=tile(SKY)).json()
    assert saved["label_pixels"] == {str(SKY): 44 * 200}
    assert saved["void_pixels"] == 256 * 200


def test_tiles_in_json_are_saved(client, image):
    tiles = [{"x": 1, "y": 0, "png": base64.b64encode(png(tile(TREE))).decode()}]
    answer = client.patch(
        f"/api/v1/images/{image['id']}/mask", json={"tiles": tiles}, headers={"If-Match": '"0"'}
    )
    assert answer.status_code == 200, answer.text
    assert (get(client, image)[:, 256:] == TREE).all()


def test_instances_layer_comes_back(client, image):
    ids = np.zeros((256, 256), np.uint16)
    ids[10:20, 30:40] = 40000
    body = TileBundle(300, 200, {"instances": {0: ids}}).to_bytes()
    answer = client.patch(
        f"/api/v1/images/{image['id']}/mask",
        content=body,
        headers={"If-Match": '"0"', "Content-Type": MEDIA_TYPE},
    )
    assert answer.status_code == 200, answer.text
    assert np.array_equal(get(client, image, layer="instances")[:, :256], ids[:200])


def test_bundle_holds_the_mask(client, image):
    put(client, image, striped(image), 0)
    answer = client.get(f"/api/v1/images/{image['id']}/mask", params={"format": "tiles"})
    tiles = TileBundle.from_bytes(answer.content, 10**7).tiles["classes"]
    assert np.array_equal(np.hstack([tiles[0], tiles[1]])[:200, :300], striped(image))


def test_bundle_of_one_tile_holds_that_tile(client, image):
    put(client, image, striped(image), 0)
    url = f"/api/v1/images/{image['id']}/mask"
    answer = client.get(url, params={"format": "tiles", "tiles": "1"})
    assert list(TileBundle.from_bytes(answer.content, 10**7).tiles["classes"]) == [1]


def test_restore_makes_a_new_revision_of_the_old_content(client, image):
    first = put(client, image, striped(image), 0).json()
    second = patch(client, image, first["id"], t0=tile(SKY)).json()
    answer = client.post(f"/api/v1/images/{image['id']}/restore", json={"revision": first["id"]})
    assert answer.json()["parent"] == second["id"]
    assert np.array_equal(get(client, image), striped(image))


def test_restore_of_revision_0_is_all_void(client, image):
    put(client, image, striped(image), 0)
    client.post(f"/api/v1/images/{image['id']}/restore", json={"revision": 0})
    assert (get(client, image) == VOID).all()


def test_restore_of_a_label_taken_away_since_is_refused(client, image):
    mask = np.full((image["height"], image["width"]), 7, np.uint8)
    old = put(client, image, mask, 0).json()["id"]
    put(client, image, mask * 0, old)
    project_url = f"/api/v1/projects/{image['project_id']}"
    assert client.patch(project_url, json={"labels": LABELS[:1]}).status_code == 200
    answer = client.post(f"/api/v1/images/{image['id']}/restore", json={"revision": old})
    assert (answer.status_code, answer.json()["indices"]) == (422, [7])


def test_restore_on_a_head_that_moved_is_refused(client, image):
    first = put(client, image, striped(image), 0).json()
    patch(client, image, first["id"], t0=tile(SKY))
    answer = client.post(
        f"/api/v1/images/{image['id']}/restore",
        json={"revision": 0},
        headers={"If-Match": f'"{first["id"]}"'},
    )
    assert answer.status_code == 409


def test_history_is_paged_newest_first(client, image):
    ids, base = [], 0
    for value in (TREE, SKY, VOID, TREE):
        base = patch(client, image, base, t0=tile(value)).json()["id"]
        ids.append(base)
    url = f"/api/v1/images/{image['id']}/revisions"
    first = client.get(url, params={"limit": 3}).json()
    second = client.get(url, params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [row["id"] for row in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None


def test_old_revision_can_be_looked_at(client, image):
    first = put(client, image, striped(image), 0).json()
    patch(client, image, first["id"], t0=tile(SKY))
    assert np.array_equal(get(client, image, ref=first["id"]), striped(image))


def test_revision_of_another_image_is_not_found(client, image):
    assert client.get(f"/api/v1/images/{image['id']}/mask?ref=99999").status_code == 404


def test_compare_counts_the_pixels_that_changed(client, image):
    first = put(client, image, striped(image), 0).json()
    second = patch(client, image, first["id"], t1=tile(SKY)).json()
    url = f"/api/v1/images/{image['id']}/compare"
    found = client.get(url, params={"base": first["id"], "other": second["id"]}).json()
    assert found["changed_pixels"] == int((striped(image)[:, 256:] != SKY).sum())


def test_author_of_a_revision_is_kept(client, image):
    assert put(client, image, striped(image), 0).json()["author"] == {"id": 1, "name": "local"}


def test_saving_begins_the_work(client, image):
    put(client, image, striped(image), 0)
    assert client.get(f"/api/v1/images/{image['id']}").json()["status"] == "in_progress"
