#!/usr/bin/env node
// Check the version before any import: the SQLite binary crashes an older Node.js with a segmentation fault.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `scimsync needs Node.js 22.12 or newer; this is ${process.versions.node}. ` +
      'Install a newer one, or one for this folder: npm install node@24, then npx scimsync\n',
  );
  process.exitCode = 1;
} else {
  // The cache is beside the program: who can change one of them can change the other. Without the right to write it, or
  // with another version of Node.js, a command starts as it would without the cache.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache(`${import.meta.dirname}/../compiled`);
  const { limitYoungGeneration } = await import('./young-generation.ts');
  limitYoungGeneration();
  const { main } = await import('./program.ts');
  process.exitCode = await main(process.argv);
}

export {};
