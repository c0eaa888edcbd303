import { expect, test } from '@jest/globals';
import { createDaemonMetrics, createTenantMetrics } from '../../src/metrics/daemon-metrics.ts';
import { instant, sourceKey } from '../../src/model/ids.ts';
import type { PassEvent } from '../../src/sync/events.ts';

const ended = (changes: Partial<Extract<PassEvent, { type: 'operation' }>>): PassEvent => ({
  type: 'operation',
  target: 'wiki',
  operation: {
    action: 'deactivate',
    resourceType: 'User',
    key: sourceKey('7'),
    name: 'ada',
    edits: [],
    body: {},
    reason: 'left the source',
  },
  result: 'done',
  status: 200,
  detail: undefined,
  evidence: 'read',
  ...changes,
});

test('operations, leavers, requests and pauses are counted by target', async () => {
  let now = 10_000;
  const metrics = createDaemonMetrics({ now: () => instant(now) });
  metrics.configure([{ name: 'former', requestsPerSecond: 5 }]);
  metrics.configure([{ name: 'wiki', requestsPerSecond: 20 }]);
  metrics.event(ended({}), instant(8_000));
  metrics.event(ended({ result: 'failed', evidence: undefined }), instant(8_000));
  metrics.event({ type: 'held', target: 'wiki', reasons: [] }, instant(8_000));
  metrics.request('wiki', 0.2, 204);
  metrics.request('wiki', 0.2, 429);
  metrics.request('wiki', 30, undefined);
  metrics.pause('wiki', instant(15_000));
  now = 20_000;
  metrics.pause('wiki', instant(15_000));
  metrics.passEnded('failed', 3);
  const lines = (await metrics.text()).split('\n');
  for (const line of [
    'scimsync_operations_total{target="wiki",action="deactivate",outcome="done"} 1',
    'scimsync_operations_total{target="wiki",action="deactivate",outcome="failed"} 1',
    'scimsync_leaver_latency_seconds_sum{target="wiki",evidence="read"} 2',
    'scimsync_leaver_latency_seconds_count{target="wiki",evidence="read"} 1',
    'scimsync_request_duration_seconds_count{target="wiki",status="2xx"} 1',
    'scimsync_request_duration_seconds_count{target="wiki",status="429"} 1',
    'scimsync_request_duration_seconds_count{target="wiki",status="none"} 1',
    'scimsync_throttled_seconds_total{target="wiki"} 5',
    'scimsync_request_rate_limit{target="wiki"} 20',
    'scimsync_pass_duration_seconds_count{result="failed"} 1',
  ])
    expect(lines).toContain(line);
  expect(lines.filter((line) => line.startsWith('scimsync_request_rate_limit{'))).toHaveLength(1);
});

test('each tenant has its own numbers, and a removed one has no more', async () => {
  const metrics = createTenantMetrics({ now: () => instant(10_000) });
  const [acme, other] = [metrics.of('acme'), metrics.of('other')];
  acme.configure([{ name: 'wiki', requestsPerSecond: 5 }]);
  other.configure([{ name: 'wiki', requestsPerSecond: 7 }]);
  for (const tenant of [acme, other]) {
    tenant.event(ended({}), instant(8_000));
    tenant.request('wiki', 0.2, 204);
    tenant.passEnded('done', 1);
  }
  other.configure([]);
  const text = await metrics.text();
  expect(text).toContain('scimsync_operations_total{tenant="acme",target="wiki",action="deactivate",outcome="done"} 1');
  expect(text).toContain('scimsync_request_rate_limit{tenant="acme",target="wiki"} 5');
  expect(text).not.toContain('scimsync_request_rate_limit{tenant="other"');
  expect(text.match(/^# TYPE scimsync_operations_total/gm)).toHaveLength(1);
  await metrics.forget('other');
  const left = await metrics.text();
  expect(left).not.toContain('tenant="other"');
  expect(left).toContain('scimsync_request_duration_seconds_count{tenant="acme",target="wiki",status="2xx"} 1');
});
