import cv2
import numpy as np
from hypothesis import given

from formats.samples import CAR, CAT, LABELS, SKY, mask, masks
from maskwright.formats.objects import find_objects, find_segments


def test_parts_of_a_thing_that_touch_by_a_corner_are_two_objects():
    found = find_objects(mask([[1, 0], [0, 1]]), LABELS)
    assert found.ids.tolist() == [[1, 0], [0, 2]]


def test_parts_that_meet_further_down_are_one_object():
    found = find_objects(mask([[1, 0, 1], [1, 0, 1], [1, 1, 1]]), LABELS)
    assert found.ids.tolist() == [[1, 0, 1], [1, 0, 1], [1, 1, 1]]


def test_a_spiral_is_one_object():
    spiral = [
        [1, 1, 1, 1, 1, 1, 1],
        [0, 0, 0, 0, 0, 0, 1],
        [1, 1, 1, 1, 1, 0, 1],
        [1, 0, 0, 0, 1, 0, 1],
        [1, 0, 1, 1, 1, 0, 1],
        [1, 0, 0, 0, 0, 0, 1],
        [1, 1, 1, 1, 1, 1, 1],
    ]
    assert len(find_objects(mask(spiral), LABELS).items) == 1


def test_things_of_two_labels_side_by_side_are_two_objects():
    found = find_objects(mask([[1, 7]]), LABELS)
    assert [item.label for item in found.items] == [CAR, CAT]


def test_the_instance_layer_tells_touching_things_apart():
    found = find_objects(mask([[1, 1]], [[4, 9]]), LABELS)
    assert found.ids.tolist() == [[1, 2]]


def test_the_instance_layer_joins_parts_that_do_not_touch():
    found = find_objects(mask([[1, 0, 1]], [[5, 0, 5]]), LABELS)
    assert found.ids.tolist() == [[1, 0, 1]]


def test_an_instance_over_two_labels_is_two_objects():
    found = find_objects(mask([[1, 7]], [[5, 5]]), LABELS)
    assert found.ids.tolist() == [[1, 2]]


def test_things_that_the_instance_layer_does_not_name_become_components():
    found = find_objects(mask([[1, 1, 0, 1]], [[3, 0, 0, 0]]), LABELS)
    assert found.ids.tolist() == [[1, 2, 0, 3]]


def test_stuff_is_no_object_whatever_its_instance():
    assert find_objects(mask([[0, 254]], [[1, 2]]), LABELS).items == ()


def test_a_label_that_is_no_thing_is_one_segment_after_the_objects():
    found = find_segments(mask([[0, 1, 0]]), LABELS)
    assert [(item.id, item.label) for item in found.items] == [(1, CAR), (2, SKY)]


def test_void_is_no_segment():
    assert find_segments(mask([[255, 255]]), LABELS).items == ()


def test_more_objects_than_sixteen_bits_can_number_are_all_there():
    classes = np.zeros((520, 520), np.uint8)
    classes[::2, ::2] = 1
    classes[1::2, 1::2] = 1
    found = find_objects(mask(classes.tolist()), LABELS)
    assert len(found.items) == found.ids.max() == 520 * 520 // 2


@given(masks())
def test_objects_without_instances_are_opencvs_components(pixels):
    ids = find_objects(mask(pixels.classes.tolist()), LABELS).ids
    for thing in (CAR, CAT):
        of_thing = (pixels.classes == thing.index).astype(np.uint8)
        count, theirs = cv2.connectedComponents(of_thing, connectivity=4)
        pairs = {
            (int(a), int(b)) for a, b in zip(ids[of_thing > 0], theirs[of_thing > 0], strict=True)
        }
        assert len(pairs) == count - 1 == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@given(masks())
def test_area_and_box_are_those_of_the_pixels(pixels):
    found = find_segments(pixels, LABELS)
    for item in found.items:
        rows, columns = np.nonzero(found.ids == item.id)
        x, y, width, height = item.box
        assert item.area == len(rows)
        assert (x, y) == (columns.min(), rows.min())
        assert (x + width - 1, y + height - 1) == (columns.max(), rows.max())


@given(masks())
def test_every_labelled_pixel_is_in_a_segment_of_its_label(pixels):
    found = find_segments(pixels, LABELS)
    lookup = np.array([255, *(item.label.index for item in found.items)])
    assert np.array_equal(lookup[found.ids], pixels.classes)


@given(masks())
def test_objects_have_the_same_ids_among_all_segments(pixels):
    objects, segments = find_objects(pixels, LABELS), find_segments(pixels, LABELS)
    assert objects.items == segments.items[: len(objects.items)]
