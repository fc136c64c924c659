/** How many rows of `probabilities` [n, classes] have their largest value at the label; the first wins among equals. */
export function countCorrect(
  probabilities: Float32Array,
  labels: Uint8Array,
  classes: number,
): number {
  let correct = 0;
  for (let i = 0; i < labels.length; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if ((probabilities[i * classes + c] ?? 0) > (probabilities[i * classes + best] ?? 0))
        best = c;
    }
    if (best === labels[i]) correct++;
  }
  return correct;
}
