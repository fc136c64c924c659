export { default } from '@fashion-bench/eslint-config';
