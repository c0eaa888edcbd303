import { expect, test } from '@jest/globals';
import { stateMetrics, tenantStateMetrics } from '../../src/metrics/state-metrics.ts';
import { held, overview, targetFacts } from '../page/page-fixture.ts';

test('each target has its numbers, and what needs a person is 1', async () => {
  const chat = targetFacts({ name: 'chat', condition: 'held', held: 6, inStepAt: undefined, findings: [held] });
  const lines = (await stateMetrics(overview({ targets: [targetFacts(), chat] }), '1.2.3')).split('\n');
  for (const line of [
    'scimsync_build_info{version="1.2.3"} 1',
    'scimsync_state_bytes 40960',
    'scimsync_needs_person 1',
    'scimsync_source_needs_person 0',
    'scimsync_source_records{type="user"} 1200',
    'scimsync_target_users{target="wiki",active="true"} 1200',
    'scimsync_target_held_operations{target="chat"} 6',
    'scimsync_target_needs_person{target="wiki"} 0',
    'scimsync_target_needs_person{target="chat"} 1',
    'scimsync_target_reachable{target="chat"} 1',
    'scimsync_target_in_step_timestamp_seconds{target="wiki"} 1795975140',
  ])
    expect(lines).toContain(line);
  expect(lines.join('\n')).not.toContain('in_step_timestamp_seconds{target="chat"}');
});

test('without a state, only the version is known', async () => {
  const text = await stateMetrics(undefined, '1.2.3');
  expect(text.match(/^# TYPE/gm)).toHaveLength(1);
});

test('the numbers of a tenant have its name, and one without a state does not run', async () => {
  const tenants = [
    { tenant: 'acme', isRunning: true, overview: overview({ targets: [targetFacts()] }) },
    { tenant: 'broken', isRunning: false, overview: undefined },
  ];
  const text = await tenantStateMetrics(tenants, '1.2.3');
  const lines = text.split('\n');
  for (const line of [
    'scimsync_build_info{version="1.2.3"} 1',
    'scimsync_tenant_running{tenant="acme"} 1',
    'scimsync_tenant_running{tenant="broken"} 0',
    'scimsync_source_records{tenant="acme",type="user"} 1200',
    'scimsync_target_users{tenant="acme",target="wiki",active="true"} 1200',
  ])
    expect(lines).toContain(line);
});
