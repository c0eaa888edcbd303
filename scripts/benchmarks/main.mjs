// Runs the given benchmarks, or all of them, and prints their figures.
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { csv } from './csv.mjs';
import { ldap } from './ldap.mjs';
import { rateLimit } from './rate-limit.mjs';
import { firstLoad } from './first-load.mjs';
import { print } from './report.mjs';

const benchmarks = { csv, ldap, 'first-load': firstLoad, 'rate-limit': rateLimit };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    people: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '5' },
    program: { type: 'string', default: fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url)) },
  },
});
const unknown = positionals.filter((name) => !Object.hasOwn(benchmarks, name));
const numbers = { people: Number(values.people), runs: Number(values.runs) };
if (unknown.length > 0 || Object.values(numbers).some((number) => !Number.isInteger(number) || number < 1)) {
  console.error(`scripts/bench [${Object.keys(benchmarks).join(' | ')}]… [--people N] [--runs N] [--program FILE]`);
  process.exit(4);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
for (const name of positionals.length === 0 ? Object.keys(benchmarks) : positionals) {
  await benchmarks[name]({ ...numbers, program: values.program }, print);
}
