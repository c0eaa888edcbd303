import { instant } from '../../src/model/ids.ts';
import type { Finding } from '../../src/page/facts/finding.ts';
import type { Overview, PageFacts, TargetFacts } from '../../src/page/facts/page-facts.ts';
import type { AccessRules } from '../../src/page/server/access.ts';
import { createPageApp, type PageIo, type TenantPages } from '../../src/page/server/page-app.tsx';

export const now = instant(Date.UTC(2026, 10, 29, 18, 0, 0));

export const targetFacts = (changes: Partial<TargetFacts> = {}): TargetFacts => ({
  name: 'wiki',
  condition: 'inStep',
  users: { active: 1200, inactive: 3 },
  groups: 4,
  memberships: 2400,
  due: 0,
  held: 0,
  behind: 0,
  last: { pass: 7, at: instant(now - 60_000) },
  inStepAt: instant(now - 60_000),
  findings: [],
  ...changes,
});

export const held: Finding = {
  kind: 'held',
  text: 'held: chat: would deactivate 6 of 160 people',
  command: 'scimsync approve 6cd08ff05521 --reason "…"',
};

export const overview = (changes: Partial<Overview> = {}): Overview => ({
  source: { users: 1200, groups: 4, memberships: 2400, readAt: instant(now - 60_000) },
  pass: { id: 7, at: instant(now - 60_000), sentence: 'done' },
  running: undefined,
  findings: [],
  decisions: [],
  stateBytes: 40_960,
  targets: [targetFacts()],
  activity: [{ from: instant(now - 3_600_000), done: 3, undone: 1, latencyMs: 40 }],
  ...changes,
});

/** Facts of a company, in which nothing is found. */
export const facts: PageFacts = {
  overview: async () => overview(),
  target: async () => undefined,
  search: async () => [],
  story: async () => undefined,
  passes: async () => [],
  pass: async () => undefined,
};

/** A page on loopback without a token, with some parts replaced. */
export function pageOf(
  changes: {
    readonly facts?: Partial<PageFacts>;
    readonly access?: AccessRules;
    /** The page of many tenants, in place of that of one company. */
    readonly tenants?: TenantPages;
  } = {},
) {
  const slept: number[] = [];
  const io: PageIo = {
    site:
      changes.tenants === undefined
        ? { kind: 'one', facts: { ...facts, ...changes.facts } }
        : { kind: 'tenants', tenants: changes.tenants },
    clock: {
      now: () => now,
      sleep: async (milliseconds) => {
        slept.push(milliseconds);
      },
    },
    access: () => changes.access ?? { isLoopback: true, token: undefined, proxy: undefined },
    version: '1.2.3',
    health: {
      isAlive: async () => true,
      readiness: async () => ({ ready: true, reasons: [] }),
      metrics: async () => ({ type: 'text/plain', text: 'scimsync_up 1\n' }),
    },
  };
  const app = createPageApp(io);
  return {
    slept,
    get: (path: string, init: RequestInit = {}, address = '127.0.0.1') =>
      app.request(
        `http://127.0.0.1:9464${path}`,
        { ...init, headers: { host: '127.0.0.1:9464', ...(init.headers as Record<string, string> | undefined) } },
        { incoming: { socket: { remoteAddress: address } } },
      ),
  };
}
