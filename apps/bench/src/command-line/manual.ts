/** The prose of --help around its lists of parts and options. */

export const DESCRIPTION = `Reproduces a published study of Fashion-MNIST: k nearest neighbours against a small
convolutional network. Trains and times both on the real data, times the distance
kernels, and writes a Markdown comparison with the published results. Without a part
everything runs; the full recipe takes about 16 minutes on two cores of an AMD EPYC (Zen 5),
most of it for the network. --quick does all of it on a part of the data in about a minute.`;

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
