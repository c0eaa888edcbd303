// Requests per second of a first load, against a bare loop that sends the very same requests to the same sink.
import { join } from 'node:path';
import { measured, script } from './child.mjs';
import { openDesk } from './desk.mjs';
import { upTo, writeExport } from './export.mjs';
import { median, met, ratio, spread } from './table.mjs';

const concurrency = 32;
const goal = 0.9;
/** Enough for some seconds; more people make the runs longer and the figures no better. */
const mostPeople = 20_000;

export async function push({ people: wanted, runs, program }, print) {
  const people = Math.min(wanted, mostPeople);
  const desk = await openDesk(program, { concurrency });
  const requests = join(desk.folder, 'requests.jsonl');
  try {
    writeExport(desk.file, people, upTo(people));
    await desk.ask('record');
    await desk.run('sync');
    await desk.ask('recorded', { file: requests });
    const product = [];
    const bare = [];
    for (let run = 0; run < runs; run += 1) {
      desk.forgetState();
      product.push(rate(await desk.run('sync')));
      await desk.ask('forget');
      const used = await measured(script('bare-loop.mjs'), [requests, desk.url, String(concurrency)]);
      bare.push(rate({ ...used, seen: await desk.ask('seen') }));
    }
    const of = (list, field) => list.map((one) => one[field]);
    const share = median(of(product, 'perSecond')) / median(of(bare, 'perSecond'));
    const row = (name, list) => [
      name,
      spread(of(list, 'perSecond'), (value) => value.toFixed(0)),
      spread(of(list, 'cpuMicros'), (value) => value.toFixed(0)),
    ];
    print(
      `push: first load of ${people} people, ${concurrency} at once; requests from the first to the last that the sink saw`,
      [
        ['', 'requests/s', 'CPU µs a request', `goal: ${goal}`],
        row('bare loop', bare),
        row('scimsync', product),
        ['scimsync / bare loop', ratio(share), '', met(share >= goal)],
      ],
    );
  } finally {
    desk.close();
  }
}

function rate({ cpuMs, seen: { arrivals } }) {
  return {
    perSecond: (arrivals.length - 1) / ((arrivals.at(-1) - arrivals[0]) / 1000),
    cpuMicros: (cpuMs * 1000) / arrivals.length,
  };
}
