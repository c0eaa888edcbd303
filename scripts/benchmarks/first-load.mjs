// Requests per second of a first load, compared with bare loops that send the same requests to the same sink: one of
// axios as it comes, and one of the client that the product uses.
import { join } from 'node:path';
import { runMeasured, script } from './measure.mjs';
import { openFixture } from './fixture.mjs';
import { range, writeExport } from './export.mjs';
import { median, met, ratio, spread } from './report.mjs';

const concurrency = 32;
const goals = { axios: 1, undici: 0.6 };
/** Enough for a run of some seconds; more people would not improve the figures. */
const maxPeople = 20_000;

export async function firstLoad({ people: requestedPeople, runs, program }, print) {
  const people = Math.min(requestedPeople, maxPeople);
  const fixture = await openFixture(program, { concurrency });
  const requests = join(fixture.folder, 'requests.jsonl');
  try {
    writeExport(fixture.file, people, range(people));
    await fixture.control('record');
    await fixture.run('sync');
    await fixture.control('recorded', { file: requests });
    const product = [];
    const bare = { axios: [], undici: [] };
    for (let run = 0; run < runs; run += 1) {
      fixture.deleteState();
      product.push(rate(await fixture.run('sync')));
      for (const [client, rates] of Object.entries(bare)) {
        await fixture.control('forget');
        const usage = await runMeasured(script('bare-loop.mjs'), [client, requests, fixture.url, String(concurrency)]);
        rates.push(rate({ ...usage, sinkStats: await fixture.control('stats') }));
      }
    }
    const of = (list, field) => list.map((one) => one[field]);
    const share = (client) => median(of(product, 'perSecond')) / median(of(bare[client], 'perSecond'));
    const row = (name, list) => [
      name,
      spread(of(list, 'perSecond'), (value) => value.toFixed(0)),
      spread(of(list, 'cpuMicros'), (value) => value.toFixed(0)),
    ];
    print(
      `first-load: of ${people} people, ${concurrency} at once; requests from the first to the last that the sink saw`,
      [
        ['', 'requests/s', 'CPU µs a request', 'goal'],
        row('scimsync', product),
        ...Object.entries(bare).flatMap(([client, rates]) => [
          row(`bare loop of ${client}`, rates),
          [`scimsync / ${client}`, ratio(share(client)), '', `${goals[client]} ${met(share(client) >= goals[client])}`],
        ]),
      ],
    );
  } finally {
    fixture.close();
  }
}

function rate({ cpuMs, sinkStats: { arrivals } }) {
  return {
    perSecond: (arrivals.length - 1) / ((arrivals.at(-1) - arrivals[0]) / 1000),
    cpuMicros: (cpuMs * 1000) / arrivals.length,
  };
}
