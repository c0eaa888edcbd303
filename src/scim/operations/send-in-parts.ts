import type { Edit, EditOperation } from '../../model/operation.ts';
import { sourceKey } from '../../model/ids.ts';
import type { Outcome } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import { mayConcernAttribute, namedPaths } from '../judge/refused-attributes.ts';
import { withVersion, type ClientContext, type NeedsMembers, type OperationContext } from '../operation-context.ts';
import type { Response } from '../transport/message.ts';

/** The outcome of an update, and the response that refused it. */
export interface SentPart {
  readonly outcome: Outcome | NeedsMembers;
  readonly refusal?: Response;
}

/** A refused update. */
interface RefusedUpdate {
  readonly outcome: Outcome;
  readonly refusal: Response;
}

/**
 * Sends a refused update in parts, so that a refused attribute does not block the others and the report names it. A
 * part that is refused is sent attribute by attribute. The end of access comes first, and alone.
 *
 * @param send sends one part as one request
 */
export async function sendInParts(
  { capabilities }: Pick<ClientContext, 'capabilities'>,
  context: OperationContext,
  operation: EditOperation,
  whole: RefusedUpdate,
  send: (part: EditOperation, context: OperationContext) => Promise<SentPart>,
): Promise<Outcome | NeedsMembers> {
  const named = namedPaths(
    whole.refusal,
    operation.edits.map(({ path }) => path),
    (path) => referencedId(operation.body, path, context),
  );
  const { parts, notSent } = partsAfterRefusal(operation.edits, named);
  const refused = notSent.map(({ path }) => path);
  const unresolved: string[] = [];
  const accepted: Edit[] = [];
  let lastDone: Extract<Outcome, { kind: 'done' }> | undefined;
  let nextContext = context;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const body = bodyWith(operation, [...accepted, ...part]);
    const { outcome, refusal } = await send({ ...operation, edits: part, body }, nextContext);
    if (outcome.kind === 'needsMembers') return outcome;
    if (outcome.kind === 'done') {
      nextContext = withVersion(context, outcome.version);
      accepted.push(...part);
      unresolved.push(...(outcome.unresolved ?? []));
      lastDone = outcome;
    } else if (refusal === undefined || !mayConcernAttribute(refusal))
      return lastDone === undefined ? outcome : asUnknown(outcome);
    else if (part.length > 1) parts.unshift(...part.map((edit) => [edit]));
    else refused.push(...part.map(({ path }) => path));
  }
  capabilities.splitEnded(lastDone !== undefined);
  const detail = 'detail' in whole.outcome ? (whole.outcome.detail ?? '') : '';
  if (lastDone === undefined)
    return {
      ...whole.outcome,
      detail: `${detail} (the request changes ${refused.join(', ')}; sent one by one, they are refused too)`,
    } as Outcome;
  if (refused.length === 0) return unresolved.length === 0 ? lastDone : { ...lastDone, unresolved };
  return {
    ...lastDone,
    ...(unresolved.length === 0 ? {} : { unresolved }),
    refused,
    detail: `without ${refused.join(', ')}, refused by the target: ${detail}`,
  };
}

/** The parts of a refused update, in the order in which they are sent. */
export interface UpdateParts {
  readonly parts: (readonly Edit[])[];
  /** Edits that the answer named: they are not sent again in this pass. */
  readonly notSent: readonly Edit[];
}

/**
 * Divides a refused update.
 *
 *     active and others       active alone, then the others
 *     some edits are named    the others together
 *     otherwise               one by one
 *
 * @param named paths that the answer names; `active` is always sent
 */
export function partsAfterRefusal(edits: readonly Edit[], named: readonly string[]): UpdateParts {
  const active = edits.filter(({ path }) => path === 'active');
  const notSent = edits.filter(({ path }) => path !== 'active' && named.includes(path));
  const others = edits.filter((edit) => !active.includes(edit) && !notSent.includes(edit));
  if (active.length === 0 && notSent.length === edits.length)
    return { parts: edits.map((edit) => [edit]), notSent: [] };
  const isWhole = active.length === 0 && notSent.length === 0;
  const otherParts = isWhole ? others.map((edit) => [edit]) : others.length === 0 ? [] : [others];
  return { parts: [...active.map((edit) => [edit]), ...otherParts], notSent };
}

/** The body that a PUT sends with some of the edits: the other paths keep their old values. */
function bodyWith({ body, edits }: EditOperation, included: readonly Edit[]): FlatResource {
  const result: Record<string, Json> = { ...body };
  for (const edit of edits) {
    if (included.some(({ path }) => path === edit.path)) continue;
    if (edit.from === null) delete result[edit.path];
    else result[edit.path] = edit.from;
  }
  return result;
}

/** The id that a reference sends. */
export function referencedId(body: FlatResource, path: string, { resolve }: OperationContext): string | undefined {
  const key = path === managerPath ? body[path] : undefined;
  return typeof key === 'string' ? resolve('User', sourceKey(key)) : undefined;
}

/**
 * The outcome after the target accepted some of several requests: the state of the resource is unknown, and the next
 * pass sends all changes again.
 */
export function asUnknown(outcome: Outcome): Outcome {
  return outcome.kind === 'skipped' ? { kind: 'unknown', detail: outcome.detail } : outcome;
}
