// A first load of a target that takes 50 requests a second, by a daemon that takes live changes of an export.
import { csvSource, openFixture, withoutManagers } from './fixture.mjs';
import { range, writeExport } from './export.mjs';
import { unlimitedGuard } from '../../test/world/limits.ts';

export const requestsPerSecond = 50;

/** @returns the fixture, its daemon, and the number of creates so far; it resolves after `createdBefore` of them */
export async function startFirstLoad(program, { people, createdBefore }) {
  const fixture = await openFixture(program, {
    source: { ...csvSource, changes: 'live' },
    mapping: withoutManagers,
    requestsPerSecond,
    target: { guard: unlimitedGuard },
  });
  try {
    writeExport(fixture.file, people, range(people));
    const daemon = fixture.startDaemon();
    const created = async () => (await fixture.control('counts'))['POST /Users'] ?? 0;
    await daemon.until('some accounts exist', async () => (await created()) >= createdBefore);
    return { fixture, daemon, created };
  } catch (error) {
    fixture.close();
    throw error;
  }
}
