/** A process of its own that holds the lock of a state file until it is killed: `node hold-lock.ts FILE`. */
import { instant } from '../../../src/model/ids.ts';
import { openStore } from '../../../src/store/sqlite-store.ts';

const store = openStore(process.argv[2] ?? '');
await store.lock({ pid: process.pid, host: 'elsewhere', command: 'daemon', since: instant(0) });
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
