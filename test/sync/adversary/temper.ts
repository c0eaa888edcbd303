import { shuffled, randomInt } from '../../world/random.ts';
import type { Random } from '../../../src/model/clock.ts';
import type { ServerOptions } from '../../../src/sandbox/server-options.ts';
import { faultKinds, type FaultKind } from './faults.ts';
import type { Fault, SeenRequest } from './server.ts';

/** One fault of a server, and when it occurs. */
interface TemperedFault {
  readonly kind: FaultKind;
  /** 1: it always occurs. */
  readonly probability: number;
  /** Passes, from 0, in which it occurs. */
  readonly from: number;
  readonly until: number;
  /** Restricts it to one of three parts of all resources; undefined: all. */
  readonly part: number | undefined;
}

/** The character of a server in one history: few faults, so that histories differ. */
export interface Temper {
  readonly faults: readonly TemperedFault[];
  readonly options: Partial<ServerOptions>;
  readonly searchDelayMs: number;
  /** Probabilities of changes by hand after each pass. */
  readonly byHand: {
    readonly reactivations: number;
    readonly deletions: number;
    readonly newIds: number;
    readonly additions: number;
  };
}

const oneOf = <T>(random: Random, items: readonly [T, ...T[]]): T => items[randomInt(random, items.length)] ?? items[0];
const sometimes = <T>(random: Random, probability: number, value: T, otherwise: T): T =>
  random() < probability ? value : otherwise;

export function drawTemper(random: Random, passes: number): Temper {
  const count = 1 + randomInt(random, 4);
  const faults = shuffled(random, faultKinds)
    .slice(0, count)
    .map((kind): TemperedFault => {
      const from = randomInt(random, passes);
      return {
        kind,
        probability: kind.isTotal === true ? 1 : oneOf(random, [0.05, 0.2, 0.5, 0.9, 1]),
        ...sometimes(random, 0.4, { from: 0, until: passes }, { from, until: from + 1 + randomInt(random, 3) }),
        part: kind.isTotal === true ? undefined : sometimes(random, 0.4, randomInt(random, 3), undefined),
      };
    });
  return {
    faults,
    options: {
      uniqueUserNames: random() < 0.7,
      uniqueExternalIds: random() < 0.7,
      etags: random() < 0.6,
      patch: random() < 0.85,
      groupPatchResponse: oneOf(random, ['empty', 'resource']),
      unknownMembers: oneOf(random, ['refuse', 'drop', 'keep']),
      missingOnRemove: oneOf(random, ['refuse', 'ignore']),
      deletionEndsMemberships: random() < 0.7,
      bulk:
        random() < 0.2
          ? { maxOperations: 10, maxPayloadSize: 1_048_576, methods: ['POST', 'PUT', 'PATCH', 'DELETE'] }
          : null,
    },
    searchDelayMs: oneOf(random, [0, 0, 0, 4_500, 12_000, 300_000]),
    byHand: {
      reactivations: oneOf(random, [0, 0.2]),
      deletions: oneOf(random, [0, 0.1]),
      newIds: oneOf(random, [0, 0.1]),
      additions: oneOf(random, [0, 0.3]),
    },
  };
}

/** The faults of a pass, drawn for each request. */
export function createDraw(
  { faults }: Temper,
  random: Random,
  pass: () => number | undefined,
): (request: SeenRequest) => Fault | undefined {
  return (request) => {
    const at = pass();
    if (at === undefined) return undefined;
    for (const { kind, probability, from, until, part } of faults) {
      if (at < from || at >= until || !kind.kinds.includes(request.kind)) continue;
      if (part !== undefined && partOf(request.subject) !== part) continue;
      if (random() < probability) return kind.fault;
    }
    return undefined;
  };
}

const partOf = (subject: string): number =>
  [...subject].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0) % 3;

/** The temper as a text, for the message of a failing history. */
export function describeTemper({ faults, options, searchDelayMs, byHand }: Temper): string {
  return [
    ...faults.map(
      ({ kind, probability, from, until, part }) =>
        `${kind.name}: probability ${probability}, passes ${from} to ${until - 1}` +
        (part === undefined ? '' : `, part ${part} of the resources`),
    ),
    `options ${JSON.stringify(options)}`,
    `searches are ${searchDelayMs} ms late; by hand ${JSON.stringify(byHand)}`,
  ].join('\n');
}
