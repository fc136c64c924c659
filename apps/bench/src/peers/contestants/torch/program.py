"""The study's network in PyTorch, eager, channels_last, oneDNN on, Adam fused: the plain loop of its own tutorials with
the switches that make it fast on a CPU. With "gpu" in the job: the same by CUDA, images and labels on the device, float32
as PyTorch comes (its convolutions may round to TF32, its products do not).

An epoch's clock covers the permutation, the batches (rows picked from one prepared float32 tensor), forward, backward
and Adam; the mean loss is read back before it stops, so the device has finished.
"""

import time
import warnings

import protocol

job = protocol.read_job()
try:
    import torch
    from torch import nn
except ImportError as error:
    protocol.missing(error)

if job["gpu"] and not torch.cuda.is_available():
    protocol.missing("torch {} has no CUDA device here".format(torch.__version__))
device = torch.device("cuda" if job["gpu"] else "cpu")

torch.set_num_threads(job["threads"])
torch.set_num_interop_threads(1)
torch.manual_seed(job["seed"])
# 'same' with an even kernel pads by a copy, and says so.
warnings.filterwarnings("ignore", message="Using padding='same' with even kernel")

images = torch.from_numpy(protocol.array(job, "train-images", (-1, 1, 28, 28))).float().div_(255)
images = images.contiguous(memory_format=torch.channels_last).to(device)
labels = torch.from_numpy(protocol.array(job, "train-labels", (-1,))).long().to(device)
count, batch = len(labels), job["batchSize"]

model = nn.Sequential(
    nn.Conv2d(1, 64, 4, padding="same"),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Dropout(0.1),
    nn.Conv2d(64, 32, 4, padding="same"),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Dropout(0.3),
    nn.Flatten(),
    nn.Linear(32 * 7 * 7, 256),
    nn.ReLU(),
    nn.Dropout(0.5),
    nn.Linear(256, 10),
)
for layer in model:
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        # Keras' initial weights.
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
model = model.to(device, memory_format=torch.channels_last).train()
loss_of = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001, betas=(0.9, 0.999), eps=1e-7, fused=True)


def steps(order):
    """Trains on the images of `order`, batch by batch; gives back mean loss and accuracy."""
    loss_sum, correct = torch.zeros((), device=device), torch.zeros((), dtype=torch.long, device=device)
    for begin in range(0, len(order), batch):
        rows = order[begin : begin + batch]
        target = labels.index_select(0, rows)
        optimizer.zero_grad(set_to_none=True)
        logits = model(images[rows])
        loss = loss_of(logits, target)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            loss_sum += loss.detach() * len(rows)
            correct += (logits.argmax(1) == target).sum()
    return loss_sum.item() / len(order), correct.item() / len(order)


def details():
    if device.type == "cpu":
        return "eager, channels_last, oneDNN {}, fused Adam, {} threads".format(
            "on" if torch.backends.mkldnn.is_available() else "missing", torch.get_num_threads()
        )
    return "eager on {}, CUDA {}, cuDNN {}, channels_last, fused Adam, TF32 in convolutions {}, in products {}".format(
        torch.cuda.get_device_name(device),
        torch.version.cuda,
        torch.backends.cudnn.version(),
        torch.backends.cudnn.allow_tf32,
        torch.backends.cuda.matmul.allow_tf32,
    )


# Eight full steps and the short one that ends an epoch: every oneDNN primitive is made, every kernel of CUDA loaded.
steps(torch.arange(min(count, 8 * batch), device=device))
if count % batch:
    steps(torch.arange(count % batch, device=device))
protocol.ready(details())
while protocol.wait_for_go():
    start = time.perf_counter()
    loss, accuracy = steps(torch.randperm(count, device=device))
    protocol.lap({"epoch": time.perf_counter() - start}, loss, accuracy)
