import type { PerformOutcome } from '../operation-context.ts';

/** The same refusal of several resources in a row. */
export interface RefusalBurst {
  /** Status and text of the refusal, without ids and numbers. */
  readonly shape: string;
  /** The resources that were refused. */
  readonly resources: ReadonlySet<string>;
  /** Only a list can decide whether some of them are missing. */
  readonly isProvableByList: boolean;
}

/** After the same refusal of this number of different resources, the target is checked. */
export const resourcesBeforeCheck = 5;
/** After the same 404 of this number of resources that reads show, changes do not reach the application. */
const resourcesBeforeStop = 20;

/** Statuses that a gateway sends for every path while the application behind it is away. */
const isGatewayStatus = (status: number): boolean =>
  status === 404 || status === 405 || status === 410 || status >= 500;

/**
 * The burst after one more outcome.
 *
 *     404, 405, 410 or 5xx like the ones before    one more resource
 *     404, 405, 410 or 5xx of another shape        a new burst
 *     nothing was sent, or no answer came          as before
 *     any other outcome                            none: the application answers
 */
export function nextBurst(
  burst: RefusalBurst | undefined,
  resource: string,
  outcome: PerformOutcome,
): RefusalBurst | undefined {
  if (outcome.kind === 'skipped' || outcome.kind === 'unknown' || outcome.kind === 'needsMembers') return burst;
  if (outcome.kind !== 'rejected' && outcome.kind !== 'unavailable') return undefined;
  const { status, detail } = outcome;
  if (status === undefined) return burst;
  if (!isGatewayStatus(status)) return undefined;
  const shape = `${status} ${detail.replace(/[0-9a-f-]*\d[0-9a-f-]*/gi, '#')}`;
  const before = burst?.shape === shape ? burst : undefined;
  return {
    shape,
    resources: new Set([...(before?.resources ?? []), resource]),
    isProvableByList: 'isProvableByList' in outcome || before?.isProvableByList === true,
  };
}

/** Whether changes of many resources are answered 404 although reads show the resources. */
export const isBlocked = ({ shape, resources, isProvableByList }: RefusalBurst): boolean =>
  resources.size >= resourcesBeforeStop && !isProvableByList && /^4(?:04|10) /.test(shape);
