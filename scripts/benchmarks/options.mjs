// The command line of scripts/bench.
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';

/** @returns the options, or the text of an error */
export function readOptions(args, scenarios) {
  const width = Math.max(...Object.keys(scenarios).map((name) => name.length));
  const usage = [
    'scripts/bench [SCENARIO…] [--people N,…] [--targets N,…] [--rows N,…] [--runs N] [--json FILE] [--program FILE]',
    'scripts/bench --quick [--program FILE]',
    ...Object.entries(scenarios).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`),
  ].join('\n');
  if (args.includes('--help')) return { help: usage };
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        people: { type: 'string' },
        targets: { type: 'string' },
        rows: { type: 'string' },
        runs: { type: 'string' },
        json: { type: 'string' },
        quick: { type: 'boolean', default: false },
        program: { type: 'string', default: fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url)) },
      },
    });
  } catch (error) {
    return `${error.message}\n${usage}`;
  }
  const { values, positionals } = parsed;
  const unknown = positionals.filter((name) => !Object.hasOwn(scenarios, name));
  if (unknown.length > 0) return `unknown scenario: ${unknown.join(', ')}\n${usage}`;
  const lists = Object.fromEntries(
    ['people', 'targets', 'rows', 'runs'].map((name) => [name, values[name]?.split(',').map(Number)]),
  );
  const wrong = Object.keys(lists).filter((name) =>
    lists[name]?.some((value) => !Number.isInteger(value) || value < 1),
  );
  if (wrong.length > 0) return `--${wrong[0]} needs whole numbers from 1\n${usage}`;
  return {
    names: positionals.length === 0 ? Object.keys(scenarios) : positionals,
    people: lists.people,
    targets: lists.targets,
    rows: lists.rows,
    runs: lists.runs?.[0],
    json: values.json,
    isQuick: values.quick,
    program: values.program,
  };
}
