// Makes dist/ from src/: compiled by tsc, beside it whatever else a room needs when it runs (the migrations of the state file).
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');
const dist = join(root, 'dist');
const entry = join(dist, 'cli', 'main.js');
const migrations = join(dist, 'store', 'migrations');

// Nothing of an earlier build may survive: a file that was renamed in src/ would go on living in dist/.
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
  if (status !== 0) fail('tsc found the errors above, and dist/ is empty until they are mended');
}

function check() {
  if (!existsSync(entry)) fail('src/cli/main.ts is missing, and it is what package.json names as bin');
  if (!readFileSync(entry, 'utf8').startsWith('#!/usr/bin/env node\n'))
    fail('the first line of src/cli/main.ts is to be #!/usr/bin/env node');
  const expected = readdirSync(join(src, 'store', 'migrations'));
  const missing = expected.filter((name) => !existsSync(join(migrations, name)));
  if (expected.length === 0 || missing.length > 0)
    fail(`migrations did not arrive in dist/: ${missing.join(', ') || 'there are none in src/'}`);
}

function fail(message) {
  console.error(`build: ${message}`);
  rmSync(dist, { recursive: true, force: true });
  process.exit(1);
}
