// Requests per second of a first load, compared with a bare loop that sends the same requests to the same sink.
import { join } from 'node:path';
import { runMeasured, script } from './measure.mjs';
import { openFixture } from './fixture.mjs';
import { range, writeExport } from './export.mjs';
import { median, met, ratio, spread } from './report.mjs';

const concurrency = 32;
const goal = 0.9;
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
    const bare = [];
    for (let run = 0; run < runs; run += 1) {
      fixture.deleteState();
      product.push(rate(await fixture.run('sync')));
      await fixture.control('forget');
      const usage = await runMeasured(script('bare-loop.mjs'), [requests, fixture.url, String(concurrency)]);
      bare.push(rate({ ...usage, sinkStats: await fixture.control('stats') }));
    }
    const of = (list, field) => list.map((one) => one[field]);
    const share = median(of(product, 'perSecond')) / median(of(bare, 'perSecond'));
    const row = (name, list) => [
      name,
      spread(of(list, 'perSecond'), (value) => value.toFixed(0)),
      spread(of(list, 'cpuMicros'), (value) => value.toFixed(0)),
    ];
    print(
      `first-load: of ${people} people, ${concurrency} at once; requests from the first to the last that the sink saw`,
      [
        ['', 'requests/s', 'CPU µs a request', `goal: ${goal}`],
        row('bare loop', bare),
        row('scimsync', product),
        ['scimsync / bare loop', ratio(share), '', met(share >= goal)],
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
