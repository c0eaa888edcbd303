import type { RemoteId } from '../../model/ids.ts';
import { isRemoval, type UpdateOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { ClientContext, ExistingAccount, OperationContext } from '../operation-context.ts';
import type { OperationExecution } from '../transport/execution.ts';
import type { HttpResult } from '../transport/message.ts';
import { get } from '../read/get-resource.ts';
import { judgeAbsence, type Absence, type Moved } from './judge-absence.ts';
import { idReading, proveMissing } from './prove-missing.ts';

/** An answer of 404 or 410 to an operation. */
export interface NotFoundAnswer {
  readonly status: number;
  /** The answer in words. */
  readonly detail?: string;
  /** The target answered with the resource of another record. */
  readonly isOtherResource?: true;
}

/**
 * The outcome of an operation whose request was answered 404 or 410.
 *
 * @param reading the answer to a GET by id, if it was sent already
 */
export async function afterNotFound(
  client: ClientContext,
  { remoteId, knownResource, paths }: Pick<OperationContext, 'remoteId' | 'knownResource' | 'paths'>,
  operation: UpdateOperation,
  answer: NotFoundAnswer,
  execution: OperationExecution,
  reading?: HttpResult,
): Promise<Outcome | ExistingAccount> {
  const { resourceType } = operation;
  if (remoteId === undefined) return unproven(answer, resourceType, 'its id is unknown');
  const bodies = [knownResource, 'body' in operation ? operation.body : undefined].filter((body) => body !== undefined);
  const suspect = { resourceType, remoteId, bodies, paths, reading };
  return outcomeOf(await proveMissing(client, suspect, execution), operation, answer, remoteId);
}

/**
 * The outcome of a deactivation that was answered 404 by an application that answers so for every inactive account: a
 * GET must be answered in the same way.
 */
export async function afterHidden(
  { transport }: ClientContext,
  { remoteId, paths }: Pick<OperationContext, 'remoteId' | 'paths'>,
  operation: UpdateOperation,
  answer: NotFoundAnswer,
  execution: OperationExecution,
): Promise<Outcome | ExistingAccount> {
  if (remoteId === undefined) return unproven(answer, operation.resourceType, 'its id is unknown');
  const reading = idReading(await get(transport, operation.resourceType, remoteId, execution), remoteId, paths);
  return reading === 'notFound'
    ? { kind: 'done', status: answer.status, evidence: 'read' }
    : outcomeOf(judgeAbsence(remoteId, reading, [], {}), operation, answer, remoteId);
}

function outcomeOf(
  absence: Absence,
  operation: UpdateOperation,
  answer: NotFoundAnswer,
  remoteId: RemoteId,
): Outcome | ExistingAccount {
  const { status } = answer;
  const isReused = answer.isOtherResource === true;
  const noun = nouns[operation.resourceType];
  switch (absence.kind) {
    case 'missing':
      return {
        kind: 'notFound',
        status,
        detail: isRemoval(operation)
          ? `already gone, confirmed by look-up${isReused ? `; ${answer.detail ?? ''}` : ''}`
          : isReused
            ? `${noun} is missing at the target: ${answer.detail ?? ''}, and a look-up does not find it`
            : `${noun} is missing at the target: a GET of ${remoteId} answers 404, and a look-up does not find it`,
      };
    case 'moved':
      return movedOutcome(absence, operation, answer);
    case 'present': {
      if (operation.resourceType === 'Group')
        return { kind: 'rejected', status, detail: `answered ${status}, but a read shows ${noun}` };
      const { active, isActiveHidden } = absence.resource;
      const state = isActiveHidden === true ? 'shown without `active`' : active ? 'active' : 'inactive';
      return isRemoval(operation) && !active
        ? {
            kind: 'done',
            status,
            evidence: 'read',
            detail: `answered ${status}; a read shows the account, and it is inactive`,
            ...(operation.action === 'delete' ? { insteadOfDeletion: { kind: 'deactivated' } } : {}),
          }
        : {
            kind: 'rejected',
            status,
            isPresent: true,
            detail: `answered ${status}, but a read shows the account, and it is ${state}`,
          };
    }
    case 'unproven':
      return unproven(answer, operation.resourceType, absence.detail, absence.isProvableByList);
  }
}

/** A removal concerns every account with the externalId. A change needs to know which one is meant. */
function movedOutcome(
  { resource, by, ambiguity, isUncertain }: Moved,
  operation: UpdateOperation,
  answer: NotFoundAnswer,
): Outcome | ExistingAccount {
  if (ambiguity !== undefined && !isRemoval(operation)) return unproven(answer, operation.resourceType, ambiguity);
  const origin = by === 'externalId' ? 'ownCreate' : 'lookup';
  return { kind: 'existing', status: 200, resource, by, origin, ...(isUncertain === true ? { isUncertain } : {}) };
}

function unproven(
  { status, detail }: NotFoundAnswer,
  resourceType: ResourceType,
  why: string,
  isProvableByList?: true,
): Outcome {
  return {
    kind: 'rejected',
    status,
    detail: `${detail ?? `answered ${status}`}; whether ${nouns[resourceType]} is gone is not proven: ${why}`,
    ...(isProvableByList === undefined ? {} : { isProvableByList }),
  };
}

const nouns: Readonly<Record<ResourceType, string>> = { User: 'the account', Group: 'the group' };
