"""Predictions of scikit-learn's KNeighborsClassifier, to compare ours with, one by one.

    python scikit-learn.py FOLDER THREADS

FOLDER holds train.u8 [rows, 784], labels.u8 [rows] and test.u8 [queries, 784], raw bytes. Prints one JSON object: the
versions, and the predictions of every setting as a string of digits. Everything is scikit-learn's own, standardising
included, in float64, as a user would call it.
"""

import json
import os
import sys

folder, threads = sys.argv[1], int(sys.argv[2])
for name in ("OMP", "OPENBLAS", "MKL", "BLIS"):
    os.environ[name + "_NUM_THREADS"] = str(threads)

try:
    import numpy
    import sklearn
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import StandardScaler
except ImportError as error:
    print(json.dumps({"missing": str(error).strip().splitlines()[0]}))
    sys.exit(0)


def load(name):
    return numpy.fromfile(os.path.join(folder, name), dtype=numpy.uint8)


labels = load("labels.u8")
train = load("train.u8").reshape(len(labels), -1).astype(numpy.float64)
test = load("test.u8").reshape(-1, train.shape[1]).astype(numpy.float64)
scaler = StandardScaler().fit(train)
pixels = {"raw": (train, test), "standardised": (scaler.transform(train), scaler.transform(test))}

results = []
for name, (rows, queries) in pixels.items():
    for p in (2, 1):
        for weights in ("uniform", "distance"):
            for k in (1, 3, 5, 9):
                model = KNeighborsClassifier(n_neighbors=k, weights=weights, p=p, algorithm="brute", n_jobs=threads)
                predicted = model.fit(rows, labels).predict(queries)
                results.append(
                    {"pixels": name, "p": p, "weights": weights, "k": k, "predicted": "".join(map(str, predicted))}
                )
                print(f"{name}, p = {p}, {weights}, k = {k}", file=sys.stderr)

versions = {"scikit-learn": sklearn.__version__, "numpy": numpy.__version__, "python": sys.version.split()[0]}
print(json.dumps({"versions": versions, "results": results}))
