/**
 * The direction of imports between the rooms of this repository, as one table and the lint rules made from it.
 *
 * Arrows point one way: apps/bench -> report, cnn, knn -> training -> onnx (bench -> engine too). What is not listed is forbidden.
 * The rules read names in import statements, so they hold without a build and for packages that are not even
 * installed; that each package.json says the same is checked by test/layers.test.ts.
 */

const SCOPE = '@fashion-bench/';

/**
 * What a package may import from this repository, for each folder under packages/.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const PACKAGE_LAYERS = {
  // The ground floor: useful to someone who wants nothing else of this project.
  random: [],
  files: [],
  onnx: [],
  tensorflow: ['files'],
  report: [],
  // Lists what there is: loads onnxruntime, and asks the TensorFlow binding what it can do.
  engine: ['onnx', 'tensorflow'],
  // Seeded draws; files.
  dataset: ['files', 'random'],
  augment: ['random'],
  // Arithmetic on engines. Both take arrays, not data sets, and so know nothing of fashion.
  knn: ['files', 'onnx', 'tensorflow'],
  training: ['files', 'onnx', 'random', 'tensorflow'],
  // Files to and from any small Sequential.
  'model-files': ['files', 'onnx'],
  // The study's network: a recipe on top of training.
  cnn: ['model-files', 'onnx', 'random', 'training'],
};

/**
 * What tests of any package may import besides: the synthetic images are what everything learns on in a test, and
 * `engine` says why an engine cannot be tested here. Not open to themselves and to what they import, where it would
 * close a circle.
 */
const TEST_LAYERS = ['dataset', 'engine'];

/** Every package of the repository that others can import. */
export const PACKAGES = Object.keys(PACKAGE_LAYERS);

/**
 * The packages of this repository that a file may import.
 *
 * @param {string} room a folder under packages/
 * @param {'src' | 'test'} part
 * @returns {readonly string[]}
 */
export function allowedImports(room, part) {
  const inSources = PACKAGE_LAYERS[room];
  if (inSources === undefined) {
    throw new Error(
      `packages/${room} is not in the table PACKAGE_LAYERS in tooling/eslint/layers.js; add it.`,
    );
  }
  const open = TEST_LAYERS.filter(
    (name) => name !== room && PACKAGE_LAYERS[name]?.includes(room) !== true,
  );
  const more = part === 'test' ? open : [];
  return [...new Set([...inSources, ...more])].sort();
}

/**
 * The ESLint rules for one part of one package: static imports, and `import()` calls, which the first rule does not see.
 *
 * @param {string} room
 * @param {'src' | 'test'} part
 * @returns {import('eslint').Linter.Config}
 */
function layerConfig(room, part) {
  const allowed = allowedImports(room, part);
  // In its tests a package may call itself by its public name.
  const names = part === 'test' ? [...allowed, room] : allowed;
  const forbidden = names.length === 0 ? `^${SCOPE}` : `^${SCOPE}(?!(?:${names.join('|')})(?:/|$))`;
  const may =
    names.length === 0
      ? 'no other package of this repository'
      : `of this repository only ${names.join(', ')}`;
  const message = `packages/${room}/${part} may import ${may}; see PACKAGE_LAYERS in tooling/eslint/layers.js.`;
  return {
    name: `fashion-bench/layers/${room}/${part}`,
    // A package's scripts are tools of its maintainers, and may use what its tests may.
    files: [`packages/${room}/${part === 'test' ? '{test,scripts}' : part}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: forbidden, message },
            ...(part === 'src' ? [LIBRARY_PROCESS_IMPORTS] : []),
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: `ImportExpression[source.value=/${forbidden.replaceAll('/', '\\/')}/]`,
          message,
        },
        { selector: `TSImportType[source.value=/${forbidden.replaceAll('/', '\\/')}/]`, message },
      ],
    },
  };
}

/** The names by which a library would read the command line, print or exit. */
const PROCESS_PROPERTIES = ['argv', 'exit', 'exitCode', 'stdin', 'stdout', 'stderr'];

const LIBRARY_PROCESS_MESSAGE =
  'A library package does not read the command line, print or exit: it returns values, throws errors and yields events.';

const LIBRARY_PROCESS_IMPORTS = {
  regex: '^(?:node:)?process$',
  importNames: PROCESS_PROPERTIES,
  message: LIBRARY_PROCESS_MESSAGE,
};

/**
 * What makes a package importable by anyone: it never prints, never reads process.argv, never exits. Whoever
 * embeds it owns the terminal; here that is apps/bench alone.
 *
 * @type {import('eslint').Linter.Config}
 */
export const libraryConfig = {
  name: 'fashion-bench/library',
  files: ['packages/*/src/**/*.ts'],
  rules: {
    'no-console': 'error',
    'no-restricted-properties': [
      'error',
      ...PROCESS_PROPERTIES.map((property) => ({
        object: 'process',
        property,
        message: LIBRARY_PROCESS_MESSAGE,
      })),
    ],
  },
};

/**
 * What stands beside the packages (suites, examples) uses them, and never the app.
 *
 * @type {import('eslint').Linter.Config}
 */
const besideConfig = {
  name: 'fashion-bench/layers/beside',
  files: ['benchmarks/**/*.ts', 'examples/**/*.ts', 'tooling/**/*.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: [{ regex: `^${SCOPE}bench(?:/|$)`, message: 'Nobody imports apps/.' }] },
    ],
  },
};

/**
 * One pair of rule sets per package. Relative paths into another package or an app are the business of
 * import-x/no-relative-packages.
 *
 * @type {import('eslint').Linter.Config[]}
 */
export const layerConfigs = [
  ...PACKAGES.flatMap((room) => [layerConfig(room, 'src'), layerConfig(room, 'test')]),
  besideConfig,
];
