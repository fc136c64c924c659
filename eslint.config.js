// Not by its package's name: what the root's package.json names is an input of every task, and a changed rule is one of lint alone.
export { default } from './tooling/eslint/index.js';
