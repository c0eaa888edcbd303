// Commands that read a long journal: they read by an index, so the bytes that they read stay few.
import { openFixture } from '../fixture.mjs';
import { employee, range, writeExport } from '../export.mjs';
import { extendJournal } from '../journal.mjs';
import { sizeOf } from '../samples.mjs';
import { unlimitedGuard } from '../../../test/world/limits.ts';

const people = 1000;
const rows = 100_000;

export async function longJournal(program, checks) {
  const fixture = await openFixture(program, { target: { guard: unlimitedGuard } });
  try {
    writeExport(fixture.file, people, range(people));
    await fixture.run('sync');
    writeExport(fixture.file, people, range(people), () => 1);
    await fixture.run('sync');
    extendJournal(fixture.state, rows);
    const stateMb = sizeOf(fixture.state) / 1e6;
    const key = employee(people - 1);
    const commands = { 'history --user': ['history', '--user', key], status: ['status'], explain: ['explain', key] };
    for (const [name, args] of Object.entries(commands)) {
      const { readMb } = await fixture.run(...args);
      checks.most(`${name}, ${rows} journal rows: bytes read ÷ state file`, readMb / stateMb, 0.5);
    }
  } finally {
    fixture.close();
  }
}
