/**
 * The messages of protocol 1: the one source of the TypeScript types, of `schema/*.json` and of the validators
 * that the build compiles. Import the types from here; the schema values are for `scripts/generate.mjs` alone.
 */
export type * from './words.ts';
export type * from './requests.ts';
export type * from './answers.ts';
export { REQUESTS } from './requests.ts';
export { ANSWERS } from './answers.ts';
