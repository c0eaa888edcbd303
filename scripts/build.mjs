// Builds dist/ from src/: bundles the program with esbuild, and copies the other files that it needs (the migrations
// of the state file). A bundle starts in about 60 % of the time that one file for each module takes. So packages that
// each command loads are bundled, too; zod alone has 130 files, and needs 30. esbuild does not check types: "npm run
// types" does.
//
// The types of the library are the declarations of the files that its entry names, and of no other file.
//
//   dist/cli/main.js, program.js, chunk-….js   the program; loaded in parts
//   dist/cli/page-process.js                   the process that serves the status page
//   dist/cli/library.js                        what a program gets that imports scimsync
//   dist/types/                                its types
//   dist/migrations/                           beside cli/, as src/store/migrations/ is beside src/store/sqlite/
//   dist/LICENSES.txt                          the licenses of the packages in the bundle
//   dist/compiled/                             the compiled program, which the first start of each command adds
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, join, relative, resolve } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');
const dist = join(root, 'dist');
const entry = join(dist, 'cli', 'main.js');
const migrations = join(dist, 'migrations');
const licenses = join(dist, 'LICENSES.txt');

/** The packages that each command loads. The others stay in node_modules: few commands load them. */
const bundled = [
  '@marcbachmann/cel-js',
  'async-mutex',
  'commander',
  'jsonc-parser',
  'luxon',
  'node-cron',
  'p-limit',
  'p-queue',
  'picocolors',
  'zod',
];
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// Delete the previous build first: a file that was renamed in src/ would otherwise remain in dist/.
rmSync(dist, { recursive: true, force: true });
await bundle();
await declare(join(src, 'library', 'scimsync.ts'));
cpSync(join(src, 'store', 'migrations'), migrations, { recursive: true });
check();
chmodSync(entry, 0o755);

async function bundle() {
  const { build } = await import('esbuild').catch(() => fail('esbuild is not installed; run "npm ci" first'));
  try {
    const { metafile } = await build({
      // Tests load the program without the check of the version in main.ts.
      entryPoints: [
        { in: join(src, 'cli', 'main.ts'), out: 'main' },
        { in: join(src, 'cli', 'program.ts'), out: 'program' },
        { in: join(src, 'cli', 'page', 'page-process.ts'), out: 'page-process' },
        { in: join(src, 'library', 'scimsync.ts'), out: 'library' },
      ],
      outdir: join(dist, 'cli'),
      bundle: true,
      splitting: true,
      external: Object.keys(dependencies).filter((name) => !bundled.includes(name)),
      platform: 'node',
      // ES modules, of which esbuild leaves out what is not used.
      mainFields: ['module', 'main'],
      metafile: true,
      format: 'esm',
      target: 'node22.12',
      sourcemap: true,
      logLevel: 'warning',
    });
    writeLicenses(Object.keys(metafile.inputs));
  } catch {
    fail('esbuild found the errors above; dist/ is empty until they are corrected');
  }
}

/** Writes the declarations of a file, and of those that they refer to, below dist/types/ as in src/. */
async function declare(file) {
  const { default: ts } = await import('typescript');
  const compilerOptions = { ...readTypeScriptOptions(ts), declaration: true };
  const pending = [file];
  for (const path of pending) {
    const options = { fileName: path, compilerOptions, reportDiagnostics: true };
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(path, 'utf8'), options);
    const errors = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
    if (errors.length > 0) fail(`${path}: ${errors.join('; ')}`);
    const output = join(dist, 'types', relative(src, path).replace(/\.ts$/, '.d.ts'));
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, outputText.replace(/(?<= from '\.[^']*)\.ts(?=')/g, '.js'));
    for (const { fileName } of ts.preProcessFile(outputText).importedFiles) {
      if (!fileName.startsWith('.')) fail(`the types of the library need the package ${fileName}, by ${path}`);
      const needed = resolve(dirname(path), fileName);
      if (!pending.includes(needed)) pending.push(needed);
    }
  }
}

function readTypeScriptOptions(ts) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, root).options;
}

/** @param inputs paths of the bundled files */
function writeLicenses(inputs) {
  const folders = new Set(
    inputs.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean),
  );
  const texts = [...folders].sort().map((folder) => {
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name)) ?? fail(`${folder} has no license`);
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  writeFileSync(licenses, texts.join(`\n${'-'.repeat(80)}\n\n`));
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
