import type { WaitingNamesOfLine } from '../../model/json/lines.ts';
import type { WaitingNames } from '../../model/plan.ts';

/** `--json` names all that the journal lists; the terminal this number. */
const maxShown = 5;

/** The records that wait for a name, for `--json`. */
export const waitingNamesAsJson = ({ total, first }: WaitingNames): WaitingNamesOfLine => ({
  total,
  records: first.map(({ resourceType, key, name, reason }) => ({ resource: resourceType, key, name, reason })),
});

/** The records that wait for a name, one a line. */
export function waitingNamesText({ total, first }: WaitingNames): readonly string[] {
  const lines = first.slice(0, maxShown).map(({ key, name, reason }) => `${name} (${key}) is not sent: it ${reason}`);
  return total > lines.length ? [...lines, `… and ${total - lines.length} more; see "scimsync status"`] : lines;
}
