/** The prose of --help. Options stand in options.ts; this is everything around them. */

import { QUICK } from './settings.ts';

export const MANUAL = {
  description: `Reproduces a published study of Fashion-MNIST: k nearest neighbours against a small
convolutional network. Trains and times both on the real data, times the distance
kernels, and writes a Markdown comparison with the published results. Without a part
everything runs; the full recipe takes about 16 minutes on two cores of an AMD EPYC (Zen 5),
most of it for the network. --quick does all of it on a part of the data in about a minute.`,

  part: `what to run; everything when left out:
  knn      classify the test images by their k nearest neighbours
  cnn      train the study's convolutional network, or the published one
  kernels  time the distance kernels of every engine on the same blocks
  peers    race other libraries: peers cnn, peers knn; peers readme draws the README's table
  predict  say of single images which class they are in: predict MODEL
  engines  list the compute engines, and why some are missing
  report   make the report anew from records; several: one comparison of all
  compare  say of two runs what got faster, slower, better or worse, what
           cannot be told, and in which settings they differ`,

  words: `after report and compare: record.json files or folders that hold one (default:
the latest run); after peers: cnn, knn or readme; after predict: an .h5
or .onnx file, a folder with model.json, or a run's folder (its first training)`,

  engine: `where the arithmetic happens: auto, onnx-cpu, onnx-webgpu,
tensorflow, tensorflow-gpu or reference; the part 'engines' lists all five (default: auto)`,

  quick: `a subset (${QUICK.trainLimit} training and ${QUICK.testLimit} test images), ${QUICK.epochs} epochs, small kernel
blocks; explicit options still win`,

  repeats: `trainings, with the seeds --seed, --seed + 1, ...; the report
gives mean and sd over them (default: 1)`,

  repeatBatchSize: `images per step in the trainings after the first
(default: --batch-size)`,

  protocol: `study: raw pixels, --k and --weights; published: the published
benchmark's grid, k 1, 5, 9, both weights, Manhattan and Euclidean, on
standardised pixels (default: study)`,

  peers: `who races, with commas between: keras, torch, tfjs-node after cnn, faiss,
sklearn after knn (default: all; whoever is missing is named)`,

  python: `the Python that has their libraries, see benchmarks/peers
(default: python3)`,

  network: `study: 438,122 parameters; published: "2 Conv+pooling" of the
published benchmark, 3,274,634 parameters (default: study)`,

  optimizer: `adam or sgd (default: the network's own, adam for study, sgd for
published)`,

  learningRate: `of the optimizer (default: 0.001, and 0.01 for sgd with
the study's network)`,

  batchSize: `images per training step (default: 32, and 400 for published);
with peers several, as in 32,128: one race for each`,

  image: `with predict: a PNG or JPEG file of any size; it is brought to
28 x 28 grey pixels on black as the data set's authors did; may be given several times`,

  index: `with predict: an image of the test set, counted from 0 (default: 0)`,

  augment: `Random Erasing of 15 % of the training images: once before training
(the study's way), anew every epoch, or none (default: once, and none for
published)`,

  checkpointEvery: `epochs between two checkpoints of the training (default: 1)`,

  checkpointSteps: `a checkpoint after every n steps as well (default: none)`,

  resume: `continue an interrupted run, named by its folder, to all that
it was asked for; a training to the same weights as if it had never stopped`,
};

export const EXAMPLES = `
Examples:
  $ pnpm bench                              the full recipe, with a report at its end
  $ pnpm bench --quick                      the same on a part of the data, in about a minute
  $ pnpm bench knn --k 9 --weights uniform  one classifier with one setting
  $ pnpm bench knn --protocol published     the published benchmark's grid, 12 rows
  $ pnpm bench cnn --epochs 5 --augment none
  $ pnpm bench cnn --network published --optimizer adam --batch-size 128 --epochs 10
  $ pnpm bench --resume benchmarks/results/<time>-cnn-<id>
  $ pnpm bench peers cnn --batch-size 128   an epoch beside Keras and PyTorch, in turn
  $ pnpm bench predict RUN --image a.jpg --image b.jpg   which classes, how surely
  $ pnpm bench engines                      what could compute here
  $ pnpm bench report benchmarks/results/reference
  $ pnpm bench compare benchmarks/results/reference OTHER-RUN
  $ pnpm --silent bench knn --json | jq .knn  the raw figures

Exit status:
  0    done
  1    failed: data, disk, engine, model or image; one sentence on standard error says what
  2    wrong usage
  3    done, but a figure missed its stated band; only the full recipe on the real data states
       any: k-NN with k = 5 exactly 8554 (uniform) and 8577 (distance) of 10000, the network
       after 50 epochs at least 0.918
  130  stopped by Ctrl-C (143: by SIGTERM, 129: by a closed terminal, 131: by Ctrl-\\); what was
       measured is kept, marked as interrupted, and --resume RUN continues the run

Files:
  benchmarks/results/<time>-<part>-<id>/record.json   the raw measurements of one run
  benchmarks/results/<time>-<part>-<id>/predictions.json  what was predicted, image by image
  benchmarks/results/<time>-<part>-<id>/model.h5, model.onnx  the trained network, for Keras and
                                                      ONNX runtimes; pixels / 255 go in
  benchmarks/results/<time>-<part>-<id>/checkpoints/  the last two checkpoints of a training, until
                                                      it is complete
  benchmarks/results/<time>-<part>-<id>/report.md       made from both; 'report' makes it again,
                  with report.html, the same in one file, and the folder figures
  benchmarks/published.json                           the figures that runs are compared with
  <folder>/fashion-bench-files.json                   what the program wrote there: only that is
                  ever replaced or removed
  --out puts the files of a run into a new or empty folder of your choice.

Environment:
  FASHION_MNIST_DIR    folder with the data, looked at after --data-dir; without one the usual
                       Keras and torchvision folders are tried, then a download
  FASHION_BENCH_DEBUG  any value: errors come with their stack
  ORT_DISABLE_TELEMETRY  0 lets onnxruntime store and send its telemetry; off by default
`;
