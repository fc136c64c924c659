"""What Keras and ONNX' own checker make of files. Called by peers.test.ts; prints one line of JSON.

    python peers.py keras FILE          loads it with load_model, predicts three inputs (see fixtures/make-fixtures.py)
    python peers.py keras2 FILE.h5      the same with the Keras 2 that TensorFlow carries (see fixtures/make-keras2-fixtures.py)
    python peers.py onnx FILE.onnx      the full check of onnx.checker, with shape inference
"""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


KEYS = ("name", "learning_rate", "beta_1", "beta_2", "epsilon", "weight_decay", "clipnorm")


def answer(version, model, predict):
    import numpy as np

    shape = (3, *model.input_shape[1:])
    inputs = ((np.arange(np.prod(shape)) * 7919 % 256) / 255).astype("float32").reshape(shape)
    optimizer = model.optimizer.get_config()
    return {
        "version": version,
        "predictions": predict(model, inputs).flatten().tolist(),
        "loss": getattr(model.loss, "__name__", model.loss),
        "optimizer": {key: optimizer[key] for key in KEYS if key in optimizer},
    }


def with_keras(path):
    import keras

    model = keras.models.load_model(path)
    return answer(keras.__version__, model, lambda model, inputs: model.predict(inputs, verbose=0))


def with_keras2(path):
    import tensorflow
    from tensorflow.python.keras import models

    # Its predict() no longer fits the TensorFlow around it.
    model = models.load_model(path)
    return answer(f"2, in TensorFlow {tensorflow.__version__}", model, lambda model, inputs: model(inputs).numpy())


def with_onnx(path):
    import onnx

    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    return {
        "version": onnx.__version__,
        "opset": [[entry.domain, entry.version] for entry in model.opset_import],
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "inputs": [entry.name for entry in model.graph.input],
        "outputs": [entry.name for entry in model.graph.output],
    }


print(json.dumps({"keras": with_keras, "keras2": with_keras2, "onnx": with_onnx}[sys.argv[1]](sys.argv[2])))
