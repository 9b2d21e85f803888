"""What ImageNet's 1000 classes say about the 21 labels: a fixed table, written by hand.

Class indices are those of ILSVRC 2012, in the order of their WordNet ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from segnets.labels import VOC21

CLASSES = 1000

# Classes that are one of our labels.
_LABELS: dict[str, str] = {
    "aeroplane": "404 895 908",
    "bicycle": "444 671",
    "bird": "7-24 80-100 127-146",
    "boat": "403 472 484 510 554 576 625 628 724 780 814 871 913 914",
    "bottle": "440 720 737 898 901 907",
    "bus": "654 779 874",
    "car": "407 436 468 511 609 627 656 661 717 734 751 817",
    "cat": "281-285",
    "chair": "423 559 765 857",
    "cow": "345 346",
    "diningtable": "532",
    "dog": "151-275",
    "horse": "339",
    "motorbike": "665 670",
    "pottedplant": "738",
    "sheep": "348 349",
    "sofa": "831",
    "train": "466 547 565 705 820 829",
    "tvmonitor": "598 664 782 851",
}

# Classes that are none of our labels, in groups that look alike. `people` wear what it lists.
_OTHERS: dict[str, str] = {
    "people": (
        "399 400 411 433 439 445 451 452 457 459 465 474 490 501 515 518 529 552 560 568 570 578 "
        "601 608 610 614 615 617 638 639 643 652 655 658 667 678 679 689 697 715 735 775 785 793 "
        "796 806 808 824 834 836 837 841 842 869 887 903 906 981-983"
    ),
    "fish": "0-6 389-397",
    "reptiles": "25-69",
    "spiders": "70-79",
    "marsupials": "101-106",
    "molluscs": "107-126 327-329",
    "sea mammals": "147-150",
    "foxes": "276-280",
    "big cats": "286-293",
    "bears": "294-297 387 388",
    "small mammals": "298 299 330-338 356-364",
    "insects": "300-326",
    "zebra": "340",
    "pigs": "341-344",
    "antelopes": "347 350-355",
    "monkeys": "365-384",
    "elephants": "385 386",
    "lorries": "555 569 675 864 867",
    "machines": "450 537 561 573 575 586 595 603 612 621 690 802 803 812 847 856 866",
    "aircraft": "405 417 657 701 744 833",
    "cycles": "428 791 870 880",
    "bench": "703",
    "beds": "431 516 520 564 750 797",
    "cupboards": "453 492 493 495 526 553 648 736 894",
    "computers": "508 527 590 620 673 681 742",
    "kitchen": "521 534 544 550 651 760 766 827 859 891 897",
    "vessels": "441 463 504 505 572 647 659 725 809 849 883 899 968",
    "food": "924-967 969",
    "plants": "984-998",
    "landscape": "970-980",
    "buildings": (
        "425 437 442 449 483 489 497 498 500 525 538 562 580 624 634 646 649 660 663 668 682 698 "
        "706 716 718 727 743 821 825 832 839 853 858 873 888 900 912 915"
    ),
    "shops": "415 424 454 467 509 582 762 788 860 865",
    "instruments": (
        "401 402 420 432 486 494 513 541 546 558 566 577 579 593 594 641 642 683 684 687 699 776 "
        "822 875 881 889"
    ),
    "shoes": "502 514 630 770 774",
    "street": "704 919 920",
}

ANIMALS = ("bird", "cat", "cow", "dog", "horse", "sheep")
VEHICLES = ("aeroplane", "bicycle", "boat", "bus", "motorbike", "train")


def _expand(ranges: str) -> Iterable[int]:
    for part in ranges.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _indices() -> dict[int, str]:
    found: dict[int, str] = {}
    for name, ranges in (_LABELS | _OTHERS).items():
        for index in _expand(ranges):
            assert index not in found, (index, name, found[index])
            found[index] = name
    return found


_GROUP_OF = _indices()
# The last group is everything else: tools, toys, buildings' parts.
GROUPS: tuple[str, ...] = (*_LABELS, *_OTHERS, "else")


def group_of(index: int) -> str:
    """The group of an ImageNet class; a label's name if the class is one of our labels."""
    return _GROUP_OF.get(index, "else")


def group_matrix() -> Tensor:
    """(groups, 1000) float32 of 0 and 1: which classes each group sums."""
    matrix = torch.zeros(len(GROUPS), CLASSES)
    for index in range(CLASSES):
        matrix[GROUPS.index(group_of(index)), index] = 1
    return matrix


# Whole groups of ImageNet's animals and things in whose portraits some labels can't be.
_OTHER_ANIMALS = frozenset(
    (
        *("fish", "reptiles", "spiders", "marsupials", "molluscs", "sea mammals", "foxes"),
        *("big cats", "bears", "small mammals", "insects", "zebra", "pigs", "antelopes"),
        *("monkeys", "elephants"),
    )
)
_STILL_LIFE = frozenset(
    (
        *("food", "plants", "vessels", "landscape", "kitchen", "instruments", "computers"),
        *("cupboards", "shops"),
    )
)
_LAPTOPS = (620, 681)
_INDEX = {label: index for index, label in enumerate(VOC21)}

# The classes that the folder of portraits has no photograph of.
_MISSING = frozenset((101, 335, 439, 689, 771, 804))
_PORTRAIT = re.compile(r"n\d{8}_")


def known_classes(names: Iterable[str]) -> dict[str, int]:
    """ImageNet class of each photograph named after it: they sort like the classes.

    Empty if the names are not the whole set that `_MISSING` was found for.
    """
    portraits = sorted(name for name in names if _PORTRAIT.match(name))
    indices = [index for index in range(CLASSES) if index not in _MISSING]
    return dict(zip(portraits, indices, strict=True)) if len(portraits) == len(indices) else {}


def is_confused(index: int) -> bool:
    """Whether a class is of what the teacher confuses most: animals, ours or others, and food."""
    return group_of(index) in (*ANIMALS, *_OTHER_ANIMALS, "food")


def same_group(index: int) -> Tensor:
    """(1000,) float32: 1 for the classes of this one's group."""
    return group_matrix()[GROUPS.index(group_of(index))]


def correct(teacher: np.ndarray, index: int) -> np.ndarray:
    """A teacher's (h, w, 21) uint8 grid of a portrait of this class, less what can't be true."""
    probs = teacher.astype(np.float32)
    group = group_of(index)
    if group in _INDEX:
        label = _INDEX[group]
        for family in (ANIMALS, VEHICLES, ("sofa", "chair") if group == "sofa" else ()):
            if group in family:
                _move(probs, family, label)
        probs[..., label] *= 3  # it is there, and the teacher could not know
    elif group in _OTHER_ANIMALS:
        _move(probs, [label for label in VOC21[1:] if label != "person"], 0)
    elif group == "lorries":
        _move(probs, (*VEHICLES, "car"), 0)
    elif group in _STILL_LIFE:
        _move(probs, (*ANIMALS, *VEHICLES, "car"), 0)
        if index in _LAPTOPS:
            _move(probs, ["tvmonitor"], 0)
        if group in ("landscape", "plants", "food"):
            _move(probs, ["diningtable"], 0)
    total = probs.sum(-1, keepdims=True)
    shares = np.clip(probs * 255 / np.maximum(total, 1e-3), 0, 255)
    return np.asarray(np.round(shares), np.uint8)


def _move(probs: np.ndarray, labels: Iterable[str], to: int) -> None:
    sources = [_INDEX[label] for label in labels if _INDEX[label] != to]
    probs[..., to] += probs[..., sources].sum(-1)
    probs[..., sources] = 0
