import type { Outcome } from '../model/outcome.ts';
import { resourcePath } from './address.ts';
import type { Effort } from './addressed.ts';
import type { Exchange } from './exchange.ts';
import type { Health } from './health.ts';
import { decide, explain } from './response.ts';

/** Tells a target that is down, or that does not know us any more, from a few records that it cannot digest. */
export interface Doubt {
  consider(outcome: Outcome, effort: Effort): Promise<void>;
}

/**
 * After several failures in a row the target is asked a plain question. If it cannot answer that either, it is left alone for the
 * rest of the pass; if it can, the records are to blame, and a poisoned record must not stop its target.
 */
export function openDoubt(exchange: Exchange, health: Health): Doubt {
  let asking: Promise<void> | undefined;

  async function question(why: 'unavailable' | 'denied', effort: Effort): Promise<void> {
    // Not the ServiceProviderConfig: many show it to anybody, with or without a valid token.
    const answer = await exchange.once(
      { method: 'GET', path: resourcePath('User'), query: { startIndex: '1', count: '1' } },
      effort,
    );
    const decision = decide(answer);
    if (decision === 'withheld') return;
    if (decision === 'again')
      health.giveUp(
        `it could not carry out several operations in a row, nor answer a plain question (${explain(answer)})`,
      );
    else if (decision === 'denied' && why === 'denied')
      health.giveUp(
        `it refused the credentials several times in a row (${explain(answer)}); look at "auth" of this target`,
      );
    else health.lives();
  }

  return {
    async consider(outcome, effort) {
      const why = failureOf(outcome);
      if (why === 'none') health.succeeded();
      if (why === 'none' || why === 'unrelated' || !health.failed(why) || health.unavailable !== undefined) return;
      asking ??= question(why, effort).finally(() => {
        asking = undefined;
      });
      await asking;
    },
  };
}

function failureOf(outcome: Outcome): 'unavailable' | 'denied' | 'none' | 'unrelated' {
  switch (outcome.kind) {
    case 'done':
    case 'adopted':
    case 'gone':
      return 'none';
    case 'unavailable':
    case 'unknown':
      return 'unavailable';
    case 'refused':
      return outcome.status === 401 || outcome.status === 403 ? 'denied' : 'unrelated';
    case 'skipped':
      return 'unrelated';
  }
}
