import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The table "One direction" of the design, as data: what a file of each kind may not import, and why. */
const forbid = (files, regex, message, more = {}) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ regex, message, ...more }] }] },
});
const stores = '^(mongoose|mongodb|knex|pg)($|/)';
const http = '^(koa|@koa/.*|koa-.*)$';
const domains = 'src/domains/**/';

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', '.build/', '.data/', 'coverage/'] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', 'scripts/*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
  },
  {
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'no-eval': 'error',
      'no-new-func': 'error',
      '@typescript-eslint/no-implied-eval': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Factories return object literals: nothing here has a `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      // A handler that answers at once is still a promise to mount.ts.
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  forbid(['src/lib/**'], '^\\.\\./', 'lib imports nothing of ours.'),
  forbid(['aggregations/**'], '^\\.\\./.*src/(?!.*types)', 'aggregations/ is pure: types only.'),
  forbid([`${domains}*.ts`], `${stores}|${http}`, 'What a domain works out knows no driver and no HTTP.', {
    allowTypeImports: true,
  }),
  forbid([`${domains}*.types.ts`], `${stores}|${http}|^joi$`, 'Entities import no library.'),
  forbid(
    [`${domains}*.schema.ts`],
    `${stores}|${http}|\\.(model|service|repository)\\.js$`,
    'A shape knows lib/fields and its own types.',
  ),
  forbid(
    [`${domains}*.policy.ts`],
    `^(?!(\\./[^/]*\\.(types|status)\\.js|(\\.\\./)+lib/(actor|errors)\\.js|(\\.\\./)+contracts/[a-z-]+\\.js|(\\.\\./)+[a-z].*\\.types\\.js)$)`,
    'A policy is pure: own types and lib/actor.',
  ),
  forbid(
    [`${domains}*.model.ts`],
    `${http}|^joi$|\\.(service|routes|schema)\\.js$`,
    'A model knows its types and the driver.',
  ),
  forbid(
    [`${domains}*.repository.ts`],
    `${http}|^joi$`,
    'A repository knows its model and the database, nothing of HTTP.',
  ),
  forbid([`${domains}*.service.ts`], `${stores}|${http}|^joi$`, 'A service knows no driver and no HTTP.'),
  forbid(
    [`${domains}*.routes.ts`],
    `${stores}|\\.(repository|model)\\.js$`,
    'A route knows its shapes and its service.',
  ),
  {
    files: ['tests/**', 'benchmarks/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', setTimeout: 'readonly', Buffer: 'readonly' },
    },
  },
  {
    files: ['src/web/static/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['document', 'fetch', 'clearTimeout', 'AbortController', 'FormData', 'URLSearchParams'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
  },
);
