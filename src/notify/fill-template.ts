import type { Json } from '../model/resource.ts';
import { textOf, type Notification } from './notification.ts';

/** Fills the places `{{title}}`, `{{text}}`, `{{host}}` and `{{at}}` in the texts of a template. */
export function fillTemplate(template: Json, notification: Notification): Json {
  const { title, host, at } = notification;
  const values: Readonly<Record<string, string>> = { title, host, at, text: textOf(notification) };
  const fill = (value: Json): Json => {
    if (typeof value === 'string')
      return value.replace(/\{\{(\w+)\}\}/g, (place, name: string) => values[name] ?? place);
    if (isList(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fill(part)]));
  };
  return fill(template);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
