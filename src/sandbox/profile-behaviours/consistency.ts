import { parseTime } from '../../model/time.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';

/** Lists and filters show a new resource only after that time; a read by id shows it at once. */
export function delaySearch(seconds: number): Behaviour {
  return {
    visibleAs(resource, _resourceType, { endpointType, http }, app) {
      const created = parseTime(resource.meta.created);
      const isSearch = endpointType === 'search' || (endpointType === 'collection' && http.method === 'GET');
      const isRecent = created !== undefined && app.now() - created < seconds * 1000;
      return isSearch && isRecent ? undefined : resource;
    },
  };
}
