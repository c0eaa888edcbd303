// A long life in short: passes over an export in which some people are replaced each time. Prints how the state grows.
//
// usage: node scripts/long-life/passes.mjs [PEOPLE] [PASSES] [CHURN]
//
// 1,000 people, 50 passes and a churn of 0.01 by default. Accounts of leavers are deleted and no plan is held, so what
// must be kept is the journal of the changes. Needs a build: npm run build.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { range, writeExport } from '../benchmarks/export.mjs';
import { openFixture } from '../benchmarks/fixture.mjs';

const [people = 1_000, passes = 50, churn = 0.01] = process.argv.slice(2).map(Number);
const program = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');
const fixture = await openFixture(program);
const state = join(fixture.folder, 'scimsync.db');
const configFile = join(fixture.folder, 'sync.config.json');
const limits = ['maxRemovals', 'maxGroupRemovals', 'maxMembershipRemovals', 'maxCreates', 'maxMembershipAdditions'];
const configuration = JSON.parse(readFileSync(configFile, 'utf8'));
for (const target of configuration.targets)
  Object.assign(target, {
    leavers: { action: 'delete' },
    guard: Object.fromEntries(limits.map((limit) => [limit, 1_000_000_000])),
  });
writeFileSync(configFile, JSON.stringify(configuration));
const perPass = Math.max(1, Math.round(people * churn));

const count = (db, sql) => db.prepare(sql).pluck().get();
const measure = (pass) => {
  const db = new Database(state, { readonly: true });
  const line = {
    pass,
    kilobytes: Math.round(statSync(state).size / 1024),
    freeKilobytes: (db.pragma('freelist_count', { simple: true }) * db.pragma('page_size', { simple: true })) / 1024,
    operations: count(db, 'select count(*) from operation'),
    unpacked: count(db, 'select count(*) from operation_payload'),
    notes: count(db, 'select count(*) from note'),
    tombstones: count(db, 'select count(*) from record where removed_in is not null'),
    accounts: count(db, 'select count(*) from account'),
  };
  db.close();
  console.log(JSON.stringify(line));
};

try {
  for (let pass = 0; pass < passes; pass += 1) {
    // Line managers have low numbers, and stay.
    const newest = range(perPass).map((number) => people + pass * perPass + number);
    writeExport(fixture.file, people, [...range(people - perPass), ...newest]);
    await fixture.run('sync');
    if (pass % Math.max(1, Math.floor(passes / 10)) === 0 || pass === passes - 1) measure(pass + 1);
  }
} finally {
  fixture.close();
}
