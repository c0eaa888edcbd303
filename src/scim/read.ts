import type { RemoteId } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Found } from '../model/outcome.ts';
import { resourcePath } from './address.ts';
import type { Effort, Owner } from './addressed.ts';
import type { Exchange } from './exchange.ts';
import { toFound } from './found.ts';
import type { Answer } from './message.ts';
import { decide, explain } from './response.ts';

/** What is there under an id: a resource, nothing, or no answer that says so. */
export type Reading = Found | 'gone' | { readonly unavailable: string };

/** RFC 7644 section 3.4.1. */
export function ask(exchange: Exchange, kind: Kind, id: RemoteId, effort: Effort): Promise<Answer> {
  return exchange.insist({ method: 'GET', path: resourcePath(kind, id) }, effort);
}

export function readingOf(answer: Answer, id: RemoteId, paths: readonly string[], owner?: Owner): Reading {
  const decision = decide(answer);
  if (decision === 'missing') return 'gone';
  if (answer.kind !== 'reply' || decision !== 'accept') return { unavailable: explain(answer) };
  const found = toFound(answer.body, paths, owner, answer.headers);
  return found?.remoteId === id
    ? found
    : {
        unavailable: `asked for ${id}, and ${found === undefined ? 'no resource' : `resource ${found.remoteId}`} was answered`,
      };
}
