import tseslint from 'typescript-eslint';
import { importX } from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';

/**
 * Which room may import which. A room always may import itself; what is not named here is refused.
 * `protocol` is the shared vocabulary: message types, error codes.
 */
const mayImport = {
  cli: ['ops', 'protocol'],
  ops: ['boot', 'host', 'image', 'packages', 'builders', 'system', 'versions', 'protocol'],
  boot: ['host', 'image', 'protocol'],
  host: ['image', 'system', 'versions', 'protocol'],
  image: ['system', 'protocol'],
  packages: ['system', 'versions', 'protocol'],
  builders: ['system', 'protocol'],
  system: ['protocol'],
  versions: [],
  protocol: [],
};
const rooms = Object.keys(mayImport);

const direction = rooms.map((room) => ({
  target: `./src/${room}`,
  from: [
    './src/main.ts',
    ...rooms.filter((other) => other !== room && !mayImport[room].includes(other)).map((other) => `./src/${other}`),
  ],
  message: `${room}/ may import ${[...mayImport[room], 'itself'].join(', ')} only`,
}));

const processOnlyInMain = {
  'no-restricted-globals': ['error', { name: 'process', message: 'only src/main.ts touches process' }],
};

/** `execa` belongs to system/, and nothing but main.ts imports node:process. */
const restricted = (extra = []) => [
  'error',
  {
    paths: [
      { name: 'node:process', message: 'only src/main.ts touches process' },
      { name: 'execa', message: 'only src/system runs commands' },
      { name: 'node:child_process', message: 'only src/system runs commands' },
    ],
    patterns: extra,
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'coverage/', '**/generated/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-cycle': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts'],
    rules: {
      ...processOnlyInMain,
      'import-x/no-restricted-paths': ['error', { zones: direction }],
      '@typescript-eslint/no-restricted-imports': restricted(),
    },
  },
  {
    files: ['src/system/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [{ name: 'node:process', message: 'only src/main.ts touches process' }] },
      ],
    },
  },
  {
    files: ['src/boot/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': restricted([
        { group: ['node:*'], message: 'boot/ is pure: no I/O' },
        {
          regex: '^\\.\\./(\\.\\./)*(host|image|protocol)/',
          allowTypeImports: true,
          message: 'boot/ imports types alone from other rooms',
        },
      ]),
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
