// Builds dist/ from src/: compiles with tsc, and copies the other files that the program needs (the migrations of the
// state file).
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');
const dist = join(root, 'dist');
const entry = join(dist, 'cli', 'main.js');
const migrations = join(dist, 'store', 'migrations');

// Delete the previous build first: a file that was renamed in src/ would otherwise remain in dist/.
rmSync(dist, { recursive: true, force: true });
compile();
cpSync(src, dist, { recursive: true, filter: (from) => statSync(from).isDirectory() || !from.endsWith('.ts') });
check();
chmodSync(entry, 0o755);

function compile() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(tsc)) fail('typescript is not installed; run "npm ci" first');
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
    stdio: 'inherit',
  });
  if (error !== undefined) fail(`tsc could not be started: ${error.message}`);
  if (status !== 0) fail('tsc found the errors above; dist/ is empty until they are corrected');
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
