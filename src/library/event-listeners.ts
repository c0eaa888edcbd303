import type { Events, Listener } from './api.ts';

/** The listeners of an open configuration. */
export interface EventListeners {
  /** The names of the events. */
  readonly names: readonly string[];
  on<Name extends keyof Events>(name: Name, listener: Listener<Name>): () => void;
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void;
}

/** Creates an empty list of listeners. */
export function createEventListeners(): EventListeners {
  const listeners: { readonly [Name in keyof Events]: Set<Listener<Name>> } = {
    read: new Set(),
    planned: new Set(),
    operation: new Set(),
    summary: new Set(),
    log: new Set(),
  };
  return {
    names: Object.keys(listeners),
    on(name, listener) {
      listeners[name].add(listener);
      return () => {
        listeners[name].delete(listener);
      };
    },
    emit(name, event) {
      for (const listener of listeners[name])
        try {
          listener(event);
        } catch (error) {
          // A lane that ends here would leave an operation without its result.
          queueMicrotask(() => {
            throw error;
          });
        }
    },
  };
}
