import { sourceKey } from '../../model/ids.ts';
import type { CreateOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import type { ResolveId } from '../encode/references.ts';
import { refusalReason } from '../judge/explain-refusal.ts';
import { decide, errorSummary } from '../judge/judge-response.ts';
import type { ClientContext, ExistingAccount, OperationContext } from '../operation-context.ts';
import { find, type Lookup } from '../read/lookup.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult, Response } from '../transport/message.ts';

/** The decision after a look-up: the outcome of the create, or `send` (send POST), with a note for the report. */
export type Verdict = Outcome | ExistingAccount | { readonly kind: 'send'; readonly note?: string };

/** Looks up the resource that a create would make. */
export function lookUpExisting(
  { transport, profile }: ClientContext,
  { paths }: OperationContext,
  { resourceType, body }: CreateOperation,
  execution: OperationExecution,
): Promise<Lookup> {
  return find(transport, profile, { resourceType, body, paths }, execution);
}

/** Whether a create may have taken effect although its response does not show it. */
export function isInDoubt(result: HttpResult): boolean {
  return result.kind === 'noResponse' || (result.kind === 'response' && ['retry', 'unproven'].includes(decide(result)));
}

/**
 * After a timeout or a response of a gateway, the application may have executed the create. Any other 5xx is its own
 * failure.
 */
function mayHaveTakenEffect(inDoubt: HttpResult | 'earlier'): boolean {
  if (inDoubt === 'earlier') return false;
  return inDoubt.kind !== 'response' || [408, 502, 504].includes(inDoubt.status);
}

/**
 * Judges the look-up after a create that may have taken effect.
 *
 * @param isSearchDelayed the target does not show a new account at once, or does not refuse a duplicate
 */
export function whileInDoubt(
  lookup: Lookup,
  inDoubt: HttpResult | 'earlier',
  operation: CreateOperation,
  resolve: ResolveId,
  isSearchDelayed: boolean,
): Verdict {
  switch (lookup.kind) {
    case 'found':
      return existing(lookup, 200, isOwnCreate(lookup, operation, resolve) ? 'ownCreate' : 'lookup');
    case 'none':
      // An empty search right after the create proves nothing: the target may not have indexed the account yet.
      return inDoubt !== 'earlier' && (mayHaveTakenEffect(inDoubt) || isSearchDelayed)
        ? { kind: 'unknown', detail: 'sent without an answer, and no look-up shows it yet', lookAgain: true }
        : { kind: 'send' };
    case 'ambiguous':
      return { kind: 'rejected', status: 409, detail: lookup.detail, mayExist: true };
    case 'unavailable':
      return {
        kind: 'unknown',
        detail: `sent without an answer, and whether it took effect could not be looked up: ${lookup.detail}`,
      };
    case 'untrusted': {
      const note = `sent again after a request without an answer, since ${lookup.detail}`;
      if (!mayHaveTakenEffect(inDoubt)) return { kind: 'send', note };
      return {
        kind: 'unknown',
        detail:
          `sent without an answer, and ${lookup.detail}; the next pass sends it again: ` +
          'look for duplicate accounts there',
      };
    }
  }
}

/**
 * Judges the look-up after a refused create, before POST is sent with fewer attributes. @returns undefined where POST
 * must not be sent again, so that the refusal is the result
 */
export function afterRefusal(
  lookup: Lookup,
  operation: CreateOperation,
  { resolve, mayDuplicate }: Pick<OperationContext, 'resolve' | 'mayDuplicate'>,
): ExistingAccount | 'send' | undefined {
  switch (lookup.kind) {
    case 'found':
      return existing(lookup, 200, isOwnCreate(lookup, operation, resolve) ? 'ownCreate' : 'lookup');
    case 'none':
      return 'send';
    case 'untrusted':
      return mayDuplicate === true ? undefined : 'send';
    case 'ambiguous':
    case 'unavailable':
      return undefined;
  }
}

/** Judges the look-up before a create, at a target that does not refuse duplicates. */
export function beforeCreate(lookup: Lookup): Verdict {
  switch (lookup.kind) {
    case 'found':
      return existing(lookup, 200, 'lookup');
    case 'none':
      return { kind: 'send' };
    case 'ambiguous':
      return { kind: 'rejected', status: 409, detail: lookup.detail, mayExist: true };
    case 'unavailable':
      return { kind: 'unavailable', detail: `whether it exists already could not be looked up: ${lookup.detail}` };
    case 'untrusted':
      return { kind: 'send', note: `created without knowing whether it exists already: ${lookup.detail}` };
  }
}

/**
 * Judges the look-up after a response that may mean a conflict.
 *
 *     no look-up shows an account, and          outcome
 *     a request of this pass had no answer      unknown: looked up again in this pass, since searches may be late
 *     otherwise                                 rejected, and in doubt: the next try looks it up before POST
 *
 * @param inDoubt the attempt that may have made the account that causes the conflict: of this pass, or an earlier one
 * @returns `noConflict` where the status has its usual meaning (429, or a failure)
 */
export function afterConflict(
  lookup: Lookup,
  response: Response,
  inDoubt: HttpResult | 'earlier' | undefined,
): Outcome | ExistingAccount | 'noConflict' {
  const { status } = response;
  switch (lookup.kind) {
    case 'found':
      return existing(lookup, status, 'lookup');
    case 'ambiguous':
      return { kind: 'rejected', status, detail: lookup.detail, mayExist: true };
    case 'unavailable':
      return {
        kind: 'unavailable',
        status,
        detail: `already there (${errorSummary(response)}), and it could not be looked up: ${lookup.detail}`,
      };
    case 'none':
    case 'untrusted': {
      const decision = decide(response);
      if (decision === 'rateLimited' || decision === 'retry') return 'noConflict';
      const lookupDetail = lookup.kind === 'none' ? '' : ` (${lookup.detail})`;
      const isExisting = decision === 'conflict';
      const inDoubtDetail =
        `an earlier create may have taken effect, but no look-up shows it yet${lookupDetail}: ` +
        errorSummary(response);
      if (isExisting && inDoubt === 'earlier')
        return { kind: 'rejected', status, detail: inDoubtDetail, mayExist: true };
      if (isExisting && inDoubt !== undefined)
        return { kind: 'unknown', detail: inDoubtDetail, ...(lookup.kind === 'none' ? { lookAgain: true } : {}) };
      return {
        kind: 'rejected',
        status,
        ...(isExisting ? { mayExist: true, isConflict: true } : {}),
        detail:
          isExisting && refusalReason(response) === 'valueTaken'
            ? `already there, but no look-up shows it${lookupDetail}: ${errorSummary(response)}`
            : errorSummary(response),
      };
    }
  }
}

/**
 * Judges the look-up of a group that only the application itself can create. scimsync adopts the group once it exists.
 */
export function externalGroup(lookup: Lookup, { name }: CreateOperation): Outcome | ExistingAccount {
  if (lookup.kind === 'found') return existing(lookup, 200, 'lookup');
  if (lookup.kind === 'unavailable') return { kind: 'unavailable', detail: lookup.detail };
  const lookupDetail = lookup.kind === 'none' ? '' : ` (${lookup.detail})`;
  return {
    kind: 'rejected',
    status: 404,
    detail:
      `only the application itself can create groups, and it has no group "${name}"${lookupDetail}: ` +
      'create it there',
  };
}

type Found = Extract<Lookup, { kind: 'found' }>;

const existing = ({ resource, by }: Found, status: number, origin: ExistingAccount['origin']): ExistingAccount => ({
  kind: 'existing',
  status,
  resource,
  by,
  origin,
});

/** Whether the account holds the values that our create without a response sent. */
export const isOwnCreate = (
  { resource, by }: Found,
  { body }: Pick<CreateOperation, 'body'>,
  resolve: ResolveId,
): boolean =>
  by === 'externalId' ||
  Object.entries(body).every(([path, value]) =>
    path === managerPath
      ? typeof value === 'string' &&
        resource.manager !== undefined &&
        resource.manager === resolve('User', sourceKey(value))
      : isEqual(resource.body[path], value),
  );

const isEqual = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a)?.toLowerCase() === JSON.stringify(b).toLowerCase();
