// A first load, compared with bare loops that send the same requests to the same sink: one of axios as it comes, and
// one of the client that the product uses.
import { join } from 'node:path';
import { floor, runMeasured } from '../measure.mjs';
import { openFixture } from '../fixture.mjs';
import { range, writeExport } from '../export.mjs';

const concurrency = 32;

export const firstLoad = {
  about: `first load of an empty target, ${concurrency} requests at once, and a dry run of it`,
  sizes: { people: [40_000], targets: [1] },
  runs: 3,
  async run({ people, targets, runs, program }, results) {
    const fixture = await openFixture(program, { targets, concurrency });
    const requests = join(fixture.folder, 'requests.jsonl');
    const measured = { product: [], plan: [], axios: [], undici: [] };
    try {
      writeExport(fixture.file, people, range(people));
      await fixture.control('record');
      await fixture.run('sync');
      await fixture.control('recorded', { file: requests });
      for (let run = 0; run < runs; run += 1) {
        fixture.deleteState();
        await fixture.control('reset');
        measured.plan.push(await fixture.run('plan'));
        measured.product.push(sending(await fixture.run('sync'), people, targets));
        for (const client of ['axios', 'undici'])
          measured[client].push(await bareLoop(fixture, [client, requests, fixture.url, String(concurrency)]));
      }
    } finally {
      fixture.close();
    }
    report(measured, people, results);
  },
};

async function bareLoop(fixture, args) {
  await fixture.control('reset');
  const usage = await runMeasured(floor('bare-loop'), args);
  const rates = sending({ ...usage, sinkStats: await fixture.control('stats') }, 1, 1);
  return { ...rates, microsPerRequest: (usage.cpuMs * 1000) / rates.requests };
}

/** What happened between the first and the last write, as the sink saw it. */
function sending({ sinkStats, ...usage }, people, targets) {
  const { arrivals } = sinkStats;
  const [from, to] = [arrivals[0], arrivals.at(-1)];
  const before = usage.samples.cpuAt(from);
  return {
    ...usage,
    postsPerUser: (sinkStats.counts['POST /Users'] ?? 0) / people / targets,
    requests: arrivals.length,
    perSecond: ((arrivals.length - 1) * 1000) / (to - from),
    planningMicros: (before * 1000) / people,
    microsPerRequest: ((usage.samples.cpuAt(to) - before) * 1000) / arrivals.length,
  };
}

function report({ product, plan, axios, undici }, people, results) {
  results.process('first load', product, { goal: { peakMb: 220, walMb: 300 } });
  results.process('dry run', plan, { goal: { peakMb: 220, walMb: 300 } });
  const of = (runs, field) => runs.map((run) => run[field]);
  // A dry run works on a copy of the state in the folder for temporary files.
  for (const [name, runs] of Object.entries({ 'first load': product, 'dry run': plan }))
    results.figure(`${name}: bytes written`, of(runs, 'writtenMb'), 'MB');
  results.figure('CPU before the first write', of(product, 'planningMicros'), 'µs/person', { most: 120 });
  results.figure(
    'CPU of the dry run',
    plan.map(({ cpuMs }) => (cpuMs * 1000) / people),
    'µs/person',
  );
  for (const [name, runs] of Object.entries({ scimsync: product, axios, undici })) {
    results.figure(`${name}: CPU while sending`, of(runs, 'microsPerRequest'), 'µs/request', goals[name]);
    results.figure(`${name}: pace`, of(runs, 'perSecond'), 'requests/s');
  }
  const pairs = (floors) => product.map(({ perSecond }, run) => perSecond / floors[run].perSecond);
  results.figure('pace ÷ axios as it comes', pairs(axios), '×', { least: 1 });
  results.figure('pace ÷ undici', pairs(undici), '×', { least: 0.6 });
  results.figure('requests per user', of(product, 'postsPerUser'), 'POST', { most: 1 });
  results.figure(
    'state file',
    product.map(({ stateMb }) => (stateMb * 1e6) / people),
    'bytes/person',
  );
}

const goals = { scimsync: { most: 140 } };
