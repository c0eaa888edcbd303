/** The place of an operation in the history. */
export interface Place {
  readonly id: number;
  readonly at: number;
}

/** Operations that are read at a time. */
const pageSize = 500;

/** The places in pages. */
export function* pagesOf(places: Iterable<Place>): Iterable<readonly Place[]> {
  let page: Place[] = [];
  for (const place of places) {
    page.push(place);
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** Operations of one pass in order of time, and how many of them were taken. */
export interface Queue {
  readonly places: readonly Place[];
  next: number;
}

/** Takes the operations before a time from all queues, in order of time. Queues that are taken are removed. */
export function* takeUntil(queues: Queue[], until: number): Iterable<Place> {
  for (;;) {
    let first: Queue | undefined;
    let firstPlace: Place | undefined;
    for (const queue of queues) {
      const place = queue.places[queue.next];
      if (place === undefined || (firstPlace !== undefined && place.at >= firstPlace.at)) continue;
      first = queue;
      firstPlace = place;
    }
    if (first === undefined || firstPlace === undefined || firstPlace.at >= until) return;
    first.next += 1;
    if (first.next === first.places.length) queues.splice(queues.indexOf(first), 1);
    yield firstPlace;
  }
}
