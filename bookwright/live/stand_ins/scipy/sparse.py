"""In the browser sparse arrays are dense: nothing there is so large that it would matter."""

from __future__ import annotations

import numpy as np


def csr_array(
    rows: tuple[np.ndarray, np.ndarray, np.ndarray], shape: tuple[int, int]
) -> np.ndarray:
    """The array whose rows hold these values, in these columns.

    Args:
        rows: The values, their columns, and for each row the place of its first value, as SciPy
            takes them.
        shape: Rows and columns.
    """
    values, columns, begins = rows
    dense = np.zeros(shape, values.dtype)
    np.add.at(dense, (np.repeat(np.arange(shape[0]), np.diff(begins)), columns), values)
    return dense
