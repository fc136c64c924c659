"""The laps that both search programs run: `fit + search` from a new index, then `search` once more on it."""

import os
import time

import protocol


def load(job):
    """Training rows and queries as C-contiguous float32, the type that both libraries take. Outside every clock."""
    import numpy

    columns = job["columns"]
    train = protocol.array(job, "train-images", (-1, columns)).astype(numpy.float32)
    test = protocol.array(job, "test-images", (-1, columns)).astype(numpy.float32)
    return train, test


def race(job, name, details, fit, search):
    """`fit()` gives an index, `search(index, queries)` the row numbers [queries, k], nearest first."""
    import numpy

    train, test = load(job)
    search(fit(train), test[:256])
    protocol.ready(details, protocol.blas_kernels())
    while protocol.wait_for_go():
        start = time.perf_counter()
        index = fit(train)
        search(index, test)
        both = time.perf_counter() - start
        start = time.perf_counter()
        indices = search(index, test)
        seconds = time.perf_counter() - start
        numpy.ascontiguousarray(indices, dtype=numpy.int32).tofile(os.path.join(job["folder"], name + "-indices"))
        protocol.lap({"search": seconds, "fit + search": both})
        del index
