/** One zod failure as words: the path in JavaScript notation and the problem. */

import type { z } from 'zod';

/** The first issue, for example `knn[0].accuracy: expected number to be <=1 (and 2 more)`. */
export function describeIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'unknown problem';
  const more = error.issues.length - 1;
  const message = issue.message.replace(/^Invalid input: /u, '');
  return `${pathWords(issue.path)}: ${message}${more > 0 ? ` (and ${more} more)` : ''}`;
}

function pathWords(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'top level';
  return path
    .map((key, index) =>
      typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`,
    )
    .join('');
}
