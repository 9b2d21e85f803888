"""Made masks that look like people's: wavy borders, objects, a few specks."""

import numpy as np


def street(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A (height, width) mask of 11 labels, as of a street: sky, houses, road, cars, poles."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    x, y = columns / width, rows / height

    def waves(level: float, size: float) -> np.ndarray:
        """A border that wanders about `level`, as traced by hand."""
        phase = rng.uniform(0, 6.3, 6)
        terms = (np.sin(x * 2 ** (k + 2) + phase[k]) / 2**k for k in range(6))
        return level + size * sum(terms)

    mask = np.full((height, width), 255, np.uint8)
    mask[y < waves(0.35, 0.06)] = 0
    mask[y >= waves(0.35, 0.06)] = 1
    mask[y > waves(0.5, 0.05)] = 5
    mask[y > waves(0.62, 0.02)] = 4
    mask[y > waves(0.68, 0.02)] = 3
    for _ in range(8):
        cx, cy, size = rng.uniform(0, 1), rng.uniform(0.6, 0.85), rng.uniform(0.02, 0.08)
        angle = np.arctan2(y - cy, x - cx)
        wobble = 1 + 0.1 * np.sin(5 * angle + rng.uniform(0, 6))
        mask[(x - cx) ** 2 / 2 + (y - cy) ** 2 < (size * wobble) ** 2] = rng.integers(8, 11)
    for at in rng.uniform(0, 1, 6):
        mask[(abs(x - at) < 0.002) & (y > 0.2) & (y < 0.7)] = 2
    return mask
