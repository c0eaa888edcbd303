#!/usr/bin/env node
// Nothing may be imported before the version is known: the SQLite binary ends an older Node.js with a segmentation fault.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `scimsync needs Node.js 22.12 or newer; this is ${process.versions.node}. Install a newer one, or start it with the one that the package brings: node_modules/.bin/node\n`,
  );
  process.exitCode = 1;
} else {
  const { limitHeapGrowth } = await import('./v8-heap.ts');
  limitHeapGrowth();
  const { main } = await import('./program.ts');
  process.exitCode = await main(process.argv);
}

export {};
