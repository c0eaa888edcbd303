// A command that reads a long journal reads by an index, so the bytes that it reads stay few.
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
    const { readMb } = await fixture.run('history', '--user', employee(people - 1));
    const share = (readMb * 1e6) / sizeOf(fixture.state);
    checks.most(`history --user, ${rows} journal rows: bytes read ÷ state file`, share, 0.3);
  } finally {
    fixture.close();
  }
}
