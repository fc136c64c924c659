import { describe, expect, it } from 'vitest';
import { parsePublished, PublishedError } from '../src/index.ts';
import { published, publishedText } from './fixture.ts';

describe('benchmarks/published.json', () => {
  const { figures } = published();

  it('has the study’s two figures and the rows they are compared with', () => {
    const accuracies = (kind: string, role: string): number[] =>
      figures.filter((f) => f.kind === kind && f.role === role).map((f) => f.accuracy);
    expect(accuracies('knn', 'study')).toEqual([0.8577]);
    expect(accuracies('cnn', 'study')).toEqual([0.9232]);
    expect(accuracies('knn', 'benchmark')).toEqual([0.86]);
    expect(accuracies('cnn', 'benchmark')).toEqual([0.876, 0.916]);
    expect(accuracies('cnn', 'context')).toEqual([0.925, 0.922, 0.934, 0.947, 0.959, 0.963, 0.967]);
    expect(accuracies('other', 'context')).toEqual([0.835]);
  });

  it('says of the published k-NN row that its pixels were standardised', () => {
    const row = figures.find(({ id }) => id === 'zalando-knn');
    expect(row?.qualifier).toBe('standardised pixels');
    expect(row?.note).toContain('StandardScaler');
  });

  it('has an address for everything but the study', () => {
    expect(figures.filter(({ url }) => url === null).map(({ role }) => role)).toEqual([
      'study',
      'study',
    ]);
  });
});

describe('a bad file', () => {
  it.each([
    ['{', 'not-json', /^p\.json is not JSON \(.+\)\.$/u],
    [
      publishedText.replace('published@1', 'published@2'),
      'invalid',
      /^p\.json does not hold valid published figures: schema: expected "fashion-bench\/published@1"\.$/u,
    ],
    [
      publishedText.replace('0.8577', '85.77'),
      'invalid',
      /: figures\[0\]\.accuracy: Too big: expected number to be <=1\.$/u,
    ],
    [
      publishedText.replace('study-cnn', 'study-knn'),
      'invalid',
      /: figures: expected every id only once\.$/u,
    ],
    [
      publishedText.replace('http://', 'javascript://'),
      'invalid',
      /: figures\[2\]\.url: Invalid URL\.$/u,
    ],
  ])('%#: one sentence with place and problem', (text, code, message) => {
    try {
      parsePublished(text, 'p.json');
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof PublishedError)) throw error;
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
    }
  });
});
