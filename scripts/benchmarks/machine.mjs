// The state of the machine, which all absolute figures depend on.
import { cpus, loadavg, totalmem } from 'node:os';

export function machine() {
  const processors = cpus();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: processors.length,
    model: processors[0]?.model ?? '',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0],
    at: new Date().toISOString(),
  };
}

/** Starts to observe; the function that it returns gives the share of all cores that was in use since then. */
export function observeUse() {
  const before = times();
  return () => {
    const after = times();
    return 1 - (after.idle - before.idle) / (after.all - before.all);
  };
}

function times() {
  const all = cpus().map(({ times: of }) => of);
  const sum = (of) => Object.values(of).reduce((total, value) => total + value, 0);
  return {
    idle: all.reduce((total, { idle }) => total + idle, 0),
    all: all.reduce((total, of) => total + sum(of), 0),
  };
}
