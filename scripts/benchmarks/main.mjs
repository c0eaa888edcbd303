// Runs the given scenarios, or all of them, and prints their results.
import { writeFileSync } from 'node:fs';
import { machine, observeUse } from './machine.mjs';
import { readOptions } from './options.mjs';
import { quick } from './quick.mjs';
import { createResults, growth } from './results.mjs';
import { scenarios } from './scenarios.mjs';
import { number, printGrowth, printResults } from './table.mjs';

const options = readOptions(process.argv.slice(2), scenarios);
if (typeof options === 'string') {
  console.error(options);
  process.exit(4);
}
if (options.help !== undefined) {
  console.log(options.help);
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

if (options.isQuick) process.exit(await quick(options.program));

const before = machine();
const use = observeUse();
console.log(
  `Node.js ${before.node}, ${before.cores} cores (${before.model}), load ${number(before.load)} at the start`,
);

const rows = [];
for (const name of options.names) {
  const scenario = scenarios[name];
  const missing = scenario.missing?.();
  if (missing !== undefined) {
    console.log(`\n${name} is left out: ${missing} not installed`);
    continue;
  }
  for (const size of sizesOf(scenario.sizes)) {
    const results = createResults(name, size);
    await scenario.run({ ...size, runs: options.runs ?? scenario.runs ?? 5, program: options.program }, results);
    rows.push(...results.rows);
    printResults([`${name}: ${scenario.about}`, sizeText(size)].filter(Boolean).join('; '), results.rows);
  }
}
const exponents = growth(rows);
printGrowth(exponents);
const used = use();
console.log(
  `\nload ${number(machine().load)} at the end; all processes used ${(used * 100).toFixed(0)} % of the cores`,
);
if (options.json !== undefined)
  writeFileSync(
    options.json,
    `${JSON.stringify({ machine: { ...before, loadAtEnd: machine().load, used }, rows, exponents }, undefined, 1)}\n`,
  );

/** All combinations of the sizes that a scenario knows; the command line replaces its own. */
function sizesOf(own) {
  return Object.entries(own).reduce(
    (sizes, [name, values]) =>
      sizes.flatMap((size) => (options[name] ?? values).map((value) => ({ ...size, [name]: value }))),
    [{}],
  );
}

function sizeText(size) {
  return Object.entries(size)
    .map(([name, value]) => `${value.toLocaleString('en')} ${name}`)
    .join(', ');
}
