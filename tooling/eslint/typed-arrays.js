/**
 * How typed arrays are indexed. A wrong index must not turn into a silent zero, and a hot loop must compile to the plain
 * index: so `array[i]!` it is, and nowhere else may `!` stand. What may really lie outside is asked first, by its length.
 */
import ts from 'typescript';

/** Arrays of numbers without holes: what lies within their length is never undefined. */
const TYPED_ARRAY = /^(?:(?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array|Buffer|ArrayLike)$/;

/**
 * @param {ts.Node} node
 * @param {ts.TypeChecker} checker
 * @returns {boolean} whether this is `array[i]` with a typed array that is there
 */
function isTypedArrayIndex(node, checker) {
  if (!ts.isElementAccessExpression(node) || ts.isOptionalChain(node)) return false;
  const given = checker.getTypeAtLocation(node.expression);
  return isTypedArray(checker.getBaseConstraintOfType(given) ?? given);
}

/**
 * @param {ts.Type} type
 * @returns {boolean}
 */
function isTypedArray(type) {
  if (type.isUnion()) return type.types.every(isTypedArray);
  if (type.isIntersection()) return type.types.some(isTypedArray);
  return TYPED_ARRAY.test(type.symbol?.name ?? '');
}

const BANG = 'Only the index of a typed array may be followed by !; check the value instead.';

const DEFAULT =
  'A default behind the index of a typed array hides a wrong index: write array[i]!, or compare the index with the length.';

/** @type {import('eslint').Rule.RuleModule} */
const typedArrayIndex = {
  create: (context) => {
    const { program, esTreeNodeToTSNodeMap } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();
    /** @type {NonNullable<import('eslint').Rule.RuleListener['Program']>} */
    const nonNull = (node) => {
      const { expression } = esTreeNodeToTSNodeMap.get(node);
      if (!isTypedArrayIndex(expression, checker)) context.report({ node, message: BANG });
    };
    /** @type {NonNullable<import('eslint').Rule.RuleListener['Program']>} */
    const withDefault = (node) => {
      const { left } = esTreeNodeToTSNodeMap.get(node);
      if (isTypedArrayIndex(left, checker)) context.report({ node, message: DEFAULT });
    };
    return { TSNonNullExpression: nonNull, 'LogicalExpression[operator="??"]': withDefault };
  },
};

/** @type {import('eslint').Linter.Config} */
export const typedArraysConfig = {
  name: 'fashion-bench/typed-arrays',
  files: ['**/*.ts'],
  plugins: { 'fashion-bench-types': { rules: { 'typed-array-index': typedArrayIndex } } },
  rules: {
    'fashion-bench-types/typed-array-index': 'error',
    // The rule above says where ! may stand.
    '@typescript-eslint/no-non-null-assertion': 'off',
  },
};
