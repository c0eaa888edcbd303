import { IncompleteReading } from '../../../model/errors.ts';
import type { SourcePosition } from '../../../model/reading/source-position.ts';
import type { LdapClient } from '../protocol/client.ts';
import { oids } from '../protocol/controls.ts';
import { readEntryByDn, type RootDse } from '../protocol/root-dse.ts';
import type { Entry } from '../protocol/entry.ts';
import { readInvocationId } from './ad-changes.ts';
import { ChangesUnavailable } from './changes-unavailable.ts';
import { namingContextOf } from './sync-searches.ts';

/** What reading a position needs. */
interface PositionDeps {
  readonly client: LdapClient;
  readonly dse: RootDse;
  /** Bases of the searches for users and groups. */
  readonly bases: readonly string[];
  readonly timeoutMs: number;
}

/** How far the server has come, by its own count. @returns undefined where this account cannot see it */
export async function readPosition(deps: PositionDeps, signal: AbortSignal): Promise<SourcePosition | undefined> {
  const { client, dse } = deps;
  if (dse.isActiveDirectory) return readController(deps, signal);
  const { lastChangeNumber } = dse;
  if (lastChangeNumber !== undefined && /^\d+$/.test(lastChangeNumber))
    return { changeNumbers: { [client.url]: Number(lastChangeNumber) } };
  return dse.supportedControls.has(oids.syncRequest) ? readContextCsns(deps, signal) : undefined;
}

async function readController(deps: PositionDeps, signal: AbortSignal): Promise<SourcePosition | undefined> {
  const { dsServiceName, highestCommittedUsn: usn } = deps.dse;
  if (dsServiceName === undefined || usn === undefined || !/^\d+$/.test(usn)) return undefined;
  try {
    const invocation = await readInvocationId(deps, signal);
    return { controllers: { [dsServiceName]: { invocation, usn } } };
  } catch (error) {
    if (error instanceof ChangesUnavailable || error instanceof IncompleteReading) return undefined;
    throw error;
  }
}

/** `contextCSN` of the entry of a naming context: the last CSN of each server id (RFC 4533 implementation of slapd). */
async function readContextCsns(
  { client, dse, bases, timeoutMs }: PositionDeps,
  signal: AbortSignal,
): Promise<SourcePosition | undefined> {
  const csns: Record<string, Readonly<Record<string, string>>> = {};
  for (const context of new Set(bases.map((base) => namingContextOf(base, dse)))) {
    const byId = csnsById(await readVisible(client, context, timeoutMs, signal));
    if (Object.keys(byId).length > 0) csns[context] = byId;
  }
  return Object.keys(csns).length === 0 ? undefined : { csns };
}

async function readVisible(
  client: LdapClient,
  context: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Entry | undefined> {
  try {
    return await readEntryByDn(client, context, ['contextCSN'], timeoutMs, signal);
  } catch (error) {
    // An error that also concerns the reading is reported by the reading.
    if (error instanceof IncompleteReading) return undefined;
    throw error;
  }
}

/** The form of a CSN is `20261128221500.123456Z#000000#001#000000`; the third field is the server id, hexadecimal. */
function csnsById(entry: Entry | undefined): Readonly<Record<string, string>> {
  const values = entry?.attributes.get('contextcsn')?.values.map((value) => value.toString('latin1')) ?? [];
  return Object.fromEntries(
    values.flatMap((csn) => {
      const id = csn.split('#')[2];
      return id === undefined ? [] : [[id, csn] as const];
    }),
  );
}
