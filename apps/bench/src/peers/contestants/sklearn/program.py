"""Exact search in scikit-learn: NearestNeighbors, algorithm='brute', float32 (its fused ArgKmin)."""

import protocol

job = protocol.read_job()
try:
    import knn_laps
    from sklearn.neighbors import NearestNeighbors
except ImportError as error:
    protocol.missing(error)

knn_laps.race(
    job,
    "sklearn",
    "NearestNeighbors(algorithm='brute'), float32, n_jobs={}".format(job["threads"]),
    lambda train: NearestNeighbors(n_neighbors=job["k"], algorithm="brute", n_jobs=job["threads"]).fit(train),
    lambda index, queries: index.kneighbors(queries)[1],
)
