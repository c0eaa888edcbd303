import { Mutex, type MutexInterface } from 'async-mutex';

/** A mutex that knows how often it was asked for, so that a long work can tell whether others need it. */
export class CountedMutex extends Mutex {
  /** How often it was asked for. */
  requests = 0;

  override acquire(priority?: number): Promise<MutexInterface.Releaser> {
    this.requests += 1;
    return super.acquire(priority);
  }

  override runExclusive<T>(callback: MutexInterface.Worker<T>, priority?: number): Promise<T> {
    this.requests += 1;
    return super.runExclusive(callback, priority);
  }
}
