"""Files of weights as tests make them."""

import io
from pathlib import Path
from typing import NamedTuple

import torch

from segnets import catalogue

LRASPP = catalogue.PUBLISHED[-1]


class Result(NamedTuple):
    status: int
    out: str
    err: str


def as_pth(document: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(document, buffer)
    return buffer.getvalue()


def label_file(tmp_path: Path, count: int) -> Path:
    path = tmp_path / "labels.txt"
    path.write_text("".join(f"label {index}\n" for index in range(count)))
    return path
