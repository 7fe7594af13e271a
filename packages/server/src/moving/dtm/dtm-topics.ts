import type { DtmKeyValue } from '../../main/open-store.js';

/** DTM's category of topics; Tandem's has the same name and the same JSON. */
export const topicCategory = 'topics';

/** Names of topics by their subscribers' URLs: DTM keeps with a message what a topic came down to, and not its name. */
export type TopicNames = ReadonlyMap<string, string>;

/** The topics that can be told by their subscribers: those whose list no other topic has. */
export function topicNames(keyValues: readonly DtmKeyValue[]): TopicNames {
  const names = new Map<string, string>();
  const ambiguous = new Set<string>();
  for (const { category, key, value } of keyValues) {
    if (category !== topicCategory) continue;
    const list = listKey(subscribersOf(value));
    if (names.has(list)) ambiguous.add(list);
    names.set(list, key);
  }
  for (const list of ambiguous) names.delete(list);
  return names;
}

/** The topic whose subscribers these are, one after the other. */
export function topicOfSubscribers(names: TopicNames, urls: readonly string[]): string | undefined {
  return names.get(listKey(urls));
}

function listKey(urls: readonly string[]): string {
  return JSON.stringify(urls);
}

function subscribersOf(value: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) ? list.map((entry) => String((entry as { readonly url?: unknown } | null)?.url)) : [];
  } catch {
    return [];
  }
}
