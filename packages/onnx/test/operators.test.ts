/** Every operator: inferred dtype and shape against what onnxruntime returns, values against a few obvious numbers. */
import { describe, expect, it } from 'vitest';
import { operators } from '../src/operators/table.ts';
import { elementwiseCases } from './cases/elementwise.ts';
import { nchwcCases } from './cases/nchwc.ts';
import { nnCases } from './cases/nn.ts';
import { productCases } from './cases/products.ts';
import { reductionCases } from './cases/reduction.ts';
import { reshapingCases } from './cases/reshaping.ts';
import { selectionCases } from './cases/selection.ts';
import { numbersOf, Trial } from './support/trial.ts';

const families = {
  'element-wise': elementwiseCases,
  products: productCases,
  reshaping: reshapingCases,
  selection: selectionCases,
  reduction: reductionCases,
  nn: nnCases,
  nchwc: nchwcCases,
};

/** float32 sums of a few numbers. */
const DIGITS = 5;

describe.each(Object.entries(families))('%s', (_family, cases) => {
  it.each(cases)('$title', async ({ build, values }) => {
    const trial = new Trial();
    const inferred = [build(trial)].flat();
    const results = await trial.run(inferred);
    const expected = inferred.map(({ dtype, shape }) => ({
      dtype,
      shape: shape.map((dim) => (typeof dim === 'string' ? trial.sizes.get(dim) : dim)),
    }));
    expect(results.map(({ dtype, shape }) => ({ dtype, shape }))).toEqual(expected);
    values.forEach((numbers, i) => {
      const actual = results[i] ? numbersOf(results[i].data) : [];
      expect(actual).toEqual(numbers.map((x): unknown => expect.closeTo(x, DIGITS)));
    });
  });
});

it('leaves no operator out', () => {
  const used = new Set(
    Object.values(families).flatMap((cases) =>
      cases.flatMap(({ build }) => {
        const trial = new Trial();
        [build(trial)].flat().forEach((value, i) => {
          trial.g.output(`y${i}`, value);
        });
        return Object.keys(trial.g.build().operatorCounts);
      }),
    ),
  );
  const missing = Object.entries<{ opType?: string }>(operators).filter(
    ([name, { opType }]) => !used.has(opType ?? name),
  );
  expect(missing).toEqual([]);
});
