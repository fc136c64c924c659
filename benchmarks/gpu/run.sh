#!/usr/bin/env bash
# Epochs of the study's network on this machine's GPU by WebGPU, in turn with PyTorch on the same GPU where a Python has
# it with CUDA; at batch 32, 128 and 512. It lies in the folder that `pack:gpu` made and takes everything from there.
#
#   bash run.sh [options of `bench peers`]       bash run.sh --pairs 10
#   PYTHON=/opt/venv/bin/python bash run.sh      another Python than python3
#
# Needed: bash, glibc 2.28 or newer with libstdc++, and a GPU with its Vulkan driver. Not needed: Node, network, Python.
set -euo pipefail

here=${BASH_SOURCE[0]%/*}
[ "$here" = "${BASH_SOURCE[0]}" ] && here=.
cd "$here"
here=$PWD

# The Vulkan loader that came along, unless the system has its own.
for folder in /usr/lib/x86_64-linux-gnu /lib/x86_64-linux-gnu /usr/lib64 /lib64 /usr/lib /lib /usr/local/lib; do
  [ -e "$folder/libvulkan.so.1" ] && own_loader=yes
done
if [ -z "${own_loader:-}" ] && [ -e lib/libvulkan.so.1 ]; then
  export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib"
fi

export FASHION_MNIST_DIR="$here/data"
# A user without a home folder would stop Node.
export HOME="${HOME:-$here}"
printf -v now '%(%Y%m%d-%H%M%S)T' -1
# The engine is tried before anything else: without a device this ends here, with the reason.
exec node/bin/node apps/bench/dist/main.js peers cnn \
  --engine onnx-webgpu --batch-size 32,128,512 --peers torch --python "${PYTHON:-python3}" --out "results/$now" "$@"
