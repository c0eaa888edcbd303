// Measures one daemon with many tenants: memory and processor time for the start, the first passes, and while idle.
// Build first. Each tenant has 20 people in a CSV file, and all of them one local application.
//
//   node scripts/tenants.mjs          200 tenants
//   node scripts/tenants.mjs 50       50 tenants
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const count = Number(process.argv[2] ?? 200);
const people = 20;
const idleSeconds = 20;
const limitMs = 300_000;
const program = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'scimsync-tenants-'));
const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: tmpdir(), APP_TOKEN: 'tenants' };
const start = (...args) => spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });

const sandbox = start('sandbox', '--port', '0', '--token', env.APP_TOKEN);
try {
  const url = await firstMatch(sandbox.stdout, /^url\s+(\S+)/);
  for (let number = 0; number < count; number += 1) writeTenant(`tenant${number}`, url);
  const daemon = start('daemon', '--configs', folder);
  const ended = new Set();
  const passed = new Promise((done) => {
    createInterface({ input: daemon.stderr }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const { tenant, msg } = JSON.parse(line);
      if (msg === 'pass ended') ended.add(tenant);
      if (ended.size === count) done();
    });
  });
  daemon.stdout.resume();
  const began = performance.now();
  await Promise.race([passed, sleep(limitMs, undefined, { ref: false }).then(() => Promise.reject(unfinished(ended)))]);
  const loaded = usage(daemon.pid);
  console.log(
    `${count} tenants of ${people} people, ${seconds(performance.now() - began)} until all first passes ended`,
  );
  console.log(`  processor time ${seconds(loaded.cpuMs)}, memory ${loaded.megabytes} MB, at most ${loaded.peak} MB`);
  await sleep(idleSeconds * 1000);
  const idle = usage(daemon.pid);
  const share = (idle.cpuMs - loaded.cpuMs) / (idleSeconds * 10);
  console.log(`  idle for ${idleSeconds} s: ${share.toFixed(1)} % of one processor, memory ${idle.megabytes} MB`);
  daemon.kill('SIGTERM');
  await once(daemon, 'exit');
} finally {
  sandbox.kill();
  rmSync(folder, { recursive: true, force: true });
}

function writeTenant(name, url) {
  const rows = Array.from({ length: people }, (_, index) => `${name}-${index},${name}-${index}@example.com,Person`);
  writeFileSync(join(folder, `${name}.csv`), `id,userName,displayName\n${rows.join('\n')}\n`);
  const target = { name: 'app', url, auth: { type: 'bearer', token: { env: 'APP_TOKEN' } } };
  const source = { type: 'csv', users: { file: `${name}.csv`, key: 'id' }, settleSeconds: 0 };
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({ state: `./${name}.db`, schedule: '*/15 * * * *', source, targets: [target] }),
  );
}

async function firstMatch(stream, pattern) {
  for await (const line of createInterface({ input: stream })) {
    const match = pattern.exec(line);
    if (match !== null) return match[1];
  }
  throw new Error('the sandbox did not start');
}

/** From /proc: Linux only. */
function usage(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) / 1024);
  return {
    // utime and stime, in ticks of 10 ms.
    cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
    megabytes: megabytes('VmRSS'),
    peak: megabytes('VmHWM'),
  };
}

function unfinished(ended) {
  return new Error(`the first passes of ${count - ended.size} tenants did not end within ${limitMs / 1000} s`);
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
