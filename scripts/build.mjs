// Builds dist/ from src/: bundles the program with esbuild, and copies the other files that it needs (the migrations
// of the state file). A bundle starts in about 60 % of the time that one file for each module takes. Packages of many
// small modules that each command loads are part of it; the others stay in node_modules. esbuild does not check types:
// "npm run types" does.
//
//   dist/cli/main.js, program.js, chunk-….js   the program; loaded in parts
//   dist/migrations/                           beside cli/, as src/store/migrations/ is beside src/store/sqlite/
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');
const dist = join(root, 'dist');
const entry = join(dist, 'cli', 'main.js');
const migrations = join(dist, 'migrations');

/** Packages with native code or worker threads, written for CommonJS, or loaded on demand. */
const external = [
  ...['better-sqlite3', 'pino', 'pino-pretty', 'iconv-lite', 'luxon', 'node-cron'],
  ...['axios', 'undici', 'ldapts'],
];

// Delete the previous build first: a file that was renamed in src/ would otherwise remain in dist/.
rmSync(dist, { recursive: true, force: true });
await bundle();
cpSync(join(src, 'store', 'migrations'), migrations, { recursive: true });
check();
chmodSync(entry, 0o755);

async function bundle() {
  const { build } = await import('esbuild').catch(() => fail('esbuild is not installed; run "npm ci" first'));
  try {
    await build({
      // Tests load the program without the check of the version in main.ts.
      entryPoints: [join(src, 'cli', 'main.ts'), join(src, 'cli', 'program.ts')],
      outdir: join(dist, 'cli'),
      bundle: true,
      splitting: true,
      external,
      mainFields: ['module', 'main'],
      platform: 'node',
      format: 'esm',
      target: 'node22.12',
      sourcemap: true,
      logLevel: 'warning',
    });
  } catch {
    fail('esbuild found the errors above; dist/ is empty until they are corrected');
  }
}

function check() {
  if (!existsSync(entry)) fail('src/cli/main.ts is missing, but it is the bin of package.json');
  if (!readFileSync(entry, 'utf8').startsWith('#!/usr/bin/env node\n'))
    fail('the first line of src/cli/main.ts must be #!/usr/bin/env node');
  const expected = readdirSync(join(src, 'store', 'migrations'));
  const missing = expected.filter((name) => !existsSync(join(migrations, name)));
  if (expected.length === 0 || missing.length > 0)
    fail(`migrations are missing in dist/: ${missing.join(', ') || 'src/ has no migrations'}`);
}

function fail(message) {
  console.error(`build: ${message}`);
  rmSync(dist, { recursive: true, force: true });
  process.exit(1);
}
