"""The study's network in Keras on TensorFlow: `model.fit` on a prepared float32 array, as the study called it.

One `fit` over all epochs; a callback waits for "go" before each. An epoch's clock runs from the beginning to the end of
that epoch inside `fit`: shuffling, batches, forward, backward and Adam are in it, the conversion of the images is not.
"""

import os
import time

import protocol

job = protocol.read_job()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"
try:
    import keras
    import numpy
    import tensorflow as tf
except ImportError as error:
    protocol.missing(error)

tf.config.threading.set_intra_op_parallelism_threads(job["threads"])
tf.config.threading.set_inter_op_parallelism_threads(job["threads"])
# Small models and small machines only: a GPU would be another race.
tf.config.set_visible_devices([], "GPU")
keras.utils.set_random_seed(job["seed"])

images = protocol.array(job, "train-images", (-1, 28, 28, 1)).astype(numpy.float32) / 255
labels = protocol.array(job, "train-labels", (-1,)).astype(numpy.int32)
batch = job["batchSize"]

layers = keras.layers
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(64, 4, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Dropout(0.1),
        layers.Conv2D(32, 4, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Dropout(0.3),
        layers.Flatten(),
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(), loss="sparse_categorical_crossentropy", metrics=["accuracy"])


class Laps(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if not protocol.wait_for_go():
            raise SystemExit(0)
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.perf_counter() - self.start
        protocol.lap({"epoch": seconds}, float(logs["loss"]), float(logs["accuracy"]))


# Eight full steps and the short one that ends an epoch: every graph is traced and every oneDNN primitive made.
warm = min(len(images), 8 * batch)
model.fit(images[:warm], labels[:warm], batch_size=batch, verbose=0)
if len(images) % batch:
    model.fit(images[: len(images) % batch], labels[: len(images) % batch], batch_size=batch, verbose=0)
protocol.ready(
    "model.fit on float32, jit_compile {}, intra- and inter-op threads {}".format(model.jit_compile, job["threads"]),
)
model.fit(images, labels, batch_size=batch, epochs=job["rounds"], shuffle=True, verbose=0, callbacks=[Laps()])
