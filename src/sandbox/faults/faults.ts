import type { Random } from '../../model/clock.ts';
import type { Json } from '../../model/resource.ts';

/** Which requests a fault meets. What is left out matches everything. */
export interface FaultMatch {
  /** GET, POST, … */
  readonly method?: string;
  /** Regular expression on the path below the service's URL, as it was sent: ^/Users/ */
  readonly path?: string;
  /** Regular expression on the query, decoded: filter=userName */
  readonly query?: string;
  /** Regular expression on the text of the body. */
  readonly body?: string;
  /** Only the n-th request that matches the above, counted from 1. */
  readonly nth?: number;
  /** Only every n-th of them. */
  readonly every?: number;
  /** Only so many of them, by chance: 0 to 1. */
  readonly probability?: number;
}

export type FaultEffect =
  /** Nothing is done; this is answered. Without a body, the error message of RFC 7644 for 400 and above. */
  | {
      readonly do: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: Json;
    }
  /** The connection is closed and nothing is done. */
  | { readonly do: 'dropBefore' }
  /** It is done, then the connection is closed without an answer. */
  | { readonly do: 'dropAfter' }
  /** It is done after so many milliseconds; another fault may follow. */
  | { readonly do: 'delay'; readonly ms: number }
  /** It is done, then 500 is answered. */
  | { readonly do: 'errorAfter' }
  /** A list is answered as if there were no filter. */
  | { readonly do: 'ignoreFilter' }
  /** A list holds only the first `keep` of its resources (half of them, rounded down) while totalResults stays. */
  | { readonly do: 'truncateList'; readonly keep?: number }
  /** Nothing is done; a page for people is answered, with status 200. */
  | { readonly do: 'html200' };

/** A fault stays until it is taken from the list, or has happened `times` times. */
export type Fault = FaultEffect & { readonly match?: FaultMatch; readonly times?: number };

/** What is asked of a fault: the request as the application sees it. */
export interface FaultInput {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly text: string;
}

/** What happens to one request: its delay in milliseconds, and at most one other effect. */
export interface InjectedFault {
  readonly delay: number;
  readonly effect?: Exclude<FaultEffect, { do: 'delay' }>;
}

interface FaultCounters {
  readonly patterns: readonly { readonly field: 'path' | 'query' | 'text'; readonly pattern: RegExp }[];
  matched: number;
  applied: number;
}

/**
 * Decides what happens to a request. Every fault counts the requests that it matches, so `nth` does not depend on other faults;
 * of those that are due, delays add up and the first other one takes effect.
 */
export function createFaultSelector(random: Random): (faults: readonly Fault[], subject: FaultInput) => InjectedFault {
  const countersByFault = new WeakMap<Fault, FaultCounters>();

  function countersOf(fault: Fault): FaultCounters {
    let counters = countersByFault.get(fault);
    if (counters === undefined)
      countersByFault.set(fault, (counters = { patterns: patternsOf(fault.match ?? {}), matched: 0, applied: 0 }));
    return counters;
  }

  function isTriggered(fault: Fault, subject: FaultInput): boolean {
    const { method, nth, every, probability } = fault.match ?? {};
    const counters = countersOf(fault);
    if (method !== undefined && method.toUpperCase() !== subject.method) return false;
    if (!counters.patterns.every(({ field, pattern }) => pattern.test(subject[field]))) return false;
    counters.matched += 1;
    if (fault.times !== undefined && counters.applied >= fault.times) return false;
    if (nth !== undefined && counters.matched !== nth) return false;
    if (every !== undefined && counters.matched % every !== 0) return false;
    return probability === undefined || random() < probability;
  }

  return (faults, subject) => {
    let delay = 0;
    let effect: InjectedFault['effect'];
    for (const fault of faults) {
      if (!isTriggered(fault, subject)) continue;
      if (fault.do === 'delay') delay += fault.ms;
      else if (effect === undefined) effect = fault;
      else continue;
      countersOf(fault).applied += 1;
    }
    return effect === undefined ? { delay } : { delay, effect };
  };
}

function patternsOf({ path, query, body }: FaultMatch): FaultCounters['patterns'] {
  const sources = [
    { field: 'path', source: path },
    { field: 'query', source: query },
    { field: 'text', source: body },
  ] as const;
  return sources.flatMap(({ field, source }) => (source === undefined ? [] : [{ field, pattern: new RegExp(source) }]));
}
