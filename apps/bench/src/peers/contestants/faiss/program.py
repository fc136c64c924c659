"""Exact search in FAISS: IndexFlatL2, which multiplies blocks by BLAS and keeps a heap for each query."""

import protocol

job = protocol.read_job()
try:
    import faiss
    import knn_laps
except ImportError as error:
    protocol.missing(error)

faiss.omp_set_num_threads(job["threads"])


def fit(train):
    index = faiss.IndexFlatL2(train.shape[1])
    index.add(train)
    return index


knn_laps.race(
    job,
    "faiss",
    "IndexFlatL2, float32, {} threads, compiled for {}".format(
        faiss.omp_get_max_threads(), faiss.get_compile_options().strip()
    ),
    fit,
    lambda index, queries: index.search(queries, job["k"])[1],
)
