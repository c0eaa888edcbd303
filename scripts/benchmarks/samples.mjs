// Samples of a running process, taken from outside every 20 ms. Linux only: elsewhere there are no samples.
import { readFileSync, statSync } from 'node:fs';
import { clockMs } from './clock.mjs';

const everyMs = 20;
/** USER_HZ: Linux reports CPU times to programs in hundredths of a second. */
const msPerTick = 10;

/** @param state the state file whose write-ahead log is watched */
export function sampleProcess(pid, state) {
  const samples = [];
  let walBytes = 0;
  const sample = () => {
    const cpuMs = cpuOf(pid);
    if (cpuMs !== undefined) samples.push({ at: clockMs(), cpuMs });
    if (state !== undefined) walBytes = Math.max(walBytes, sizeOf(`${state}-wal`));
  };
  const timer = setInterval(sample, everyMs);
  return {
    /** @returns the largest size of the write-ahead log in MB */
    stop() {
      clearInterval(timer);
      return walBytes / 1e6;
    },
    /** CPU time that the process had used at this time of the common clock, interpolated. */
    cpuAt: (at) => interpolate(samples, at),
    rssMb: () => kbOf(pid, 'VmRSS') / 1024,
  };
}

function interpolate(samples, at) {
  const next = samples.findIndex((sample) => sample.at >= at);
  if (next === -1) return samples.at(-1)?.cpuMs ?? NaN;
  if (next === 0) return samples[0].cpuMs;
  const [before, after] = [samples[next - 1], samples[next]];
  return before.cpuMs + ((after.cpuMs - before.cpuMs) * (at - before.at)) / (after.at - before.at);
}

function cpuOf(pid) {
  try {
    // The name of the program, in brackets, may contain blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * msPerTick;
  } catch {
    return undefined;
  }
}

function kbOf(pid, field) {
  try {
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return NaN;
  }
}

export function sizeOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
