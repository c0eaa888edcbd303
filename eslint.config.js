import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const noDefaultExport = [
  { selector: 'ExportDefaultDeclaration', message: 'Export it by its name, so that one search finds every use.' },
  {
    selector: 'ExportSpecifier[exported.name="default"]',
    message: 'Export it by its name, so that one search finds every use.',
  },
];

const handedIn = 'This belongs to the real world, which cli/ puts together: take it as an argument (model/world.ts).';

/** Time, chance, environment, console and exit are handed in everywhere but in src/cli (DESIGN, section 4). */
const worldIsHandedIn = {
  'no-console': 'error',
  'no-restricted-globals': ['error', { name: 'performance', message: handedIn }],
  'no-restricted-imports': [
    'error',
    {
      paths: ['node:process', 'process', 'node:perf_hooks', 'node:console'].map((name) => ({
        name,
        message: handedIn,
      })),
    },
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: handedIn },
    { object: 'Math', property: 'random', message: handedIn },
    ...['env', 'argv', 'exit', 'exitCode', 'stdin', 'stdout', 'stderr', 'hrtime', 'on', 'once'].map((property) => ({
      object: 'process',
      property,
      message: handedIn,
    })),
  ],
  'no-restricted-syntax': [
    'error',
    ...noDefaultExport,
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: handedIn },
    { selector: 'CallExpression[callee.name="Date"]', message: handedIn },
  ],
};

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'node_modules/']),
  {
    // The language's own pitfalls, in every file.
    files: ['**/*.{ts,tsx,js,mjs}'],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-constant-binary-expression': 'error',
      'no-control-regex': 'off',
      'no-dupe-else-if': 'error',
      'no-duplicate-case': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-loss-of-precision': 'error',
      'no-self-compare': 'error',
      'no-sparse-arrays': 'error',
      'no-template-curly-in-string': 'error',
      'no-unmodified-loop-condition': 'error',
      'no-unreachable-loop': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-escape': 'error',
      'no-promise-executor-return': 'error',
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Our methods are closures over a function's variables; `this` is not used.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A function that answers a promise may have nothing to wait for today: the interface says so, not the body.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-restricted-syntax': ['error', ...noDefaultExport],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      complexity: ['error', { max: 15, variant: 'modified' }],
      'max-depth': ['error', 4],
      'max-lines': ['error', 300],
    },
  },
  { files: ['src/**/*.{ts,tsx}'], ignores: ['src/cli/**'], rules: worldIsHandedIn },
  {
    // Tests look into JSON that a server sent and set up what may not exist; the compiler still checks them.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-promise-executor-return': 'off',
      'no-restricted-syntax': [
        'error',
        ...noDefaultExport,
        {
          selector: 'MemberExpression[property.name="only"][object.name=/^(describe|test|it)$/]',
          message: 'This leaves every other test of the file out; it is for the moment of writing only.',
        },
      ],
    },
  },
);
