"""What every program here does besides its library's work: read a job, say "ready", answer every "go" with one lap.

One JSON object a line. In: the job, then "go" for every lap, then the end of the input. Out: "ready" or "missing", then
one "lap" for each "go". Between the lines a program waits for its input and computes nothing, so that only one of the
racing programs ever has work.
"""

import json
import os
import resource
import sys

# Whatever a library prints must not end up between the lines of the protocol.
_answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def _say(message):
    _answers.write(json.dumps(message) + "\n")
    _answers.flush()


def read_job():
    """The job: race, folder, rounds, threads, seed, and what the race needs besides. Sets the thread counts that
    libraries read from the environment when they are imported, so call this before any import of one."""
    job = json.loads(sys.stdin.readline())
    for name in ("OMP", "OPENBLAS", "MKL", "BLIS"):
        os.environ[name + "_NUM_THREADS"] = str(job["threads"])
    return job


def missing(error):
    """Ends the program: a module that it needs is not installed, or cannot be loaded."""
    _say({"type": "missing", "reason": str(error).strip().splitlines()[0]})
    sys.exit(0)


def ready(details, blas=None):
    """Warm. The versions are those of the libraries named on the command line, each as NAME=MODULE."""
    libraries = dict(argument.split("=") for argument in sys.argv[1:])
    versions = {name: sys.modules[module].__version__ for name, module in libraries.items()}
    versions["python"] = ".".join(str(part) for part in sys.version_info[:3])
    _say({"type": "ready", "versions": versions, "details": details, "blas": blas})


def wait_for_go():
    """Whether another lap is wanted."""
    return sys.stdin.readline().strip() == "go"


def lap(seconds, loss=None, accuracy=None):
    """`seconds` has one entry for each clock of the race."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    _say({"type": "lap", "seconds": seconds, "loss": loss, "accuracy": accuracy, "peakMemoryBytes": peak})


def array(job, name, shape):
    """Raw bytes that the bench has put into the job's folder, as uint8 of this shape."""
    import numpy

    return numpy.fromfile(os.path.join(job["folder"], name), dtype=numpy.uint8).reshape(shape)


def blas_kernels():
    """Which BLAS the process has loaded and for which processor it chose its kernels; None where nobody can tell."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    found = [
        "{} {} {} ({} threads)".format(
            pool.get("internal_api"), pool.get("version") or "", pool.get("architecture") or "", pool.get("num_threads")
        )
        for pool in threadpool_info()
        if pool.get("user_api") == "blas"
    ]
    return "; ".join(sorted(set(" ".join(words.split()) for words in found))) or None
