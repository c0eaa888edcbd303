// An unchanged pass with one target and with many.
import { openFixture } from '../fixture.mjs';
import { range, writeExport } from '../export.mjs';
import { cpuRatio, largest, requestsOf } from './checks.mjs';

const people = 300;
const targets = 20;
const repetitions = 3;

export async function severalTargets(program, checks) {
  const one = await openFixture(program);
  const many = await openFixture(program, { targets });
  const passes = { one: [], many: [] };
  try {
    for (const fixture of [one, many]) {
      writeExport(fixture.file, people, range(people));
      await fixture.run('sync');
    }
    for (let run = 0; run < repetitions; run += 1) {
      passes.one.push(await one.run('sync'));
      passes.many.push(await many.run('sync'));
    }
  } finally {
    one.close();
    many.close();
  }
  checks.equal(`${targets} targets, unchanged: requests`, Math.max(...passes.many.map(requestsOf)), 0);
  checks.most(`${targets} targets, unchanged: CPU ÷ one target`, cpuRatio(passes.many, passes.one), 2.5);
  checks.most(`${targets} targets, unchanged: bytes written, MB`, largest(passes.many, 'writtenMb'), 4);
}
