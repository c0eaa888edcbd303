import type { Window } from '../model/profile.ts';
import type { Exchanged } from './evidence.ts';
import { finding, type Finding } from './finding.ts';

const about = 'pace';

/** What the answers say about haste: refusals, and the headers in which servers announce a limit. */
export function judgeHaste(exchanges: readonly Pick<Exchanged, 'sent'>[], perSecond: number): readonly Finding[] {
  const replies = exchanges.flatMap(({ sent }) => (sent.kind === 'reply' ? [sent] : []));
  const throttled = replies.filter(
    ({ status, headers }) => status === 429 && headers['retry-after'] !== undefined,
  ).length;
  const said = new Map<string, string>();
  for (const { headers } of replies) {
    for (const [name, value] of Object.entries(headers))
      if (/^(x-)?rate-?limit/.test(name) && !/remaining|reset/.test(name)) said.set(name, value);
  }
  const windows = [...said].flatMap(([name, value]) => windowOf(name, value));
  return [
    finding(
      about,
      throttled === 0
        ? `${replies.length} answers at no more than ${perSecond} requests per second, and no 429 for haste`
        : `${throttled} of ${replies.length} answers were 429 with Retry-After, at no more than ${perSecond} requests per second: set limits.requestsPerSecond below that`,
    ),
    ...[...said].map(([name, value]) => finding(about, `${name}: ${value}`)),
    ...(windows.length === 0
      ? []
      : [
          finding(
            about,
            windows.map(({ requests, seconds }) => `at most ${requests} requests in ${seconds} s`).join(', '),
            { allows: { windows } },
          ),
        ]),
  ];
}

/** RateLimit-Policy, in the forms of its drafts: `"default";q=100;w=60` and `100;w=60`. A limit without a length of time says too little. */
export function windowOf(name: string, value: string): readonly Window[] {
  if (!/^(x-)?rate-?limit(-policy)?$/.test(name)) return [];
  return value.split(',').flatMap((policy) => {
    const seconds = Number(/;\s*w=(\d+)/.exec(policy)?.[1] ?? Number.NaN);
    const requests = Number(/;\s*q=(\d+)/.exec(policy)?.[1] ?? /^\s*(\d+)\s*;/.exec(policy)?.[1] ?? Number.NaN);
    return seconds > 0 && requests > 0 ? [{ requests, seconds }] : [];
  });
}
