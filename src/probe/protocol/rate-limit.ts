import type { Quota } from '../../model/profile.ts';
import type { RecordedExchange } from '../evidence.ts';
import { finding, type Finding } from '../finding.ts';

const topic = 'rate limit';

/** Rate limits as the responses show them: 429 with Retry-After, and headers that announce a limit. */
export function judgeRateLimit(
  exchanges: readonly Pick<RecordedExchange, 'sent'>[],
  requestsPerSecond: number,
): readonly Finding[] {
  const responses = exchanges.flatMap(({ sent }) => (sent.kind === 'response' ? [sent] : []));
  const throttledCount = responses.filter(
    ({ status, headers }) => status === 429 && headers['retry-after'] !== undefined,
  ).length;
  const announced = new Map<string, string>();
  for (const { headers } of responses) {
    for (const [name, value] of Object.entries(headers))
      if (/^(x-)?rate-?limit/.test(name) && !/remaining|reset/.test(name)) announced.set(name, value);
  }
  const quotas = [...announced].flatMap(([name, value]) => parseRateLimitPolicy(name, value));
  return [
    finding(
      topic,
      throttledCount === 0
        ? `no 429 with Retry-After in ${responses.length} responses at up to ${requestsPerSecond} requests per second`
        : `${throttledCount} of ${responses.length} responses were 429 with Retry-After at up to ` +
            `${requestsPerSecond} requests per second: set limits.requestsPerSecond to a lower value`,
    ),
    ...[...announced].map(([name, value]) => finding(topic, `${name}: ${value}`)),
    ...(quotas.length === 0
      ? []
      : [
          finding(
            topic,
            quotas.map(({ requests, seconds }) => `at most ${requests} requests in ${seconds} s`).join(', '),
            { limits: { quotas } },
          ),
        ]),
  ];
}

/**
 * Parses RateLimit-Policy in the forms of its IETF drafts: `"default";q=100;w=60` and `100;w=60`. A limit without a
 * window is ignored.
 */
export function parseRateLimitPolicy(name: string, value: string): readonly Quota[] {
  if (!/^(x-)?rate-?limit(-policy)?$/.test(name)) return [];
  return value.split(',').flatMap((policy) => {
    const seconds = Number(/;\s*w=(\d+)/.exec(policy)?.[1] ?? Number.NaN);
    const requests = Number(/;\s*q=(\d+)/.exec(policy)?.[1] ?? /^\s*(\d+)\s*;/.exec(policy)?.[1] ?? Number.NaN);
    return seconds > 0 && requests > 0 ? [{ requests, seconds }] : [];
  });
}
