import { limits, TandemError } from '@tandem/protocol';
import { MemoryStore, type Store } from '@tandem/store';
import { describe, expect, test } from 'vitest';
import { Topics } from './topics.js';

const clock = { now: () => 1_000, steady: () => 0, setTimer: () => () => undefined };

function checkUrl(url: string): void {
  if (!url.startsWith('http://')) throw new TandemError('UNSUPPORTED_BRANCH_URL', url);
}

const topicsOn = (store: Store) => new Topics(store, clock, checkUrl);
const refused = (code: string) => expect.objectContaining({ code }) as Error;

describe('subscribers', () => {
  test('are told in the order they came, until they leave', async () => {
    const topics = topicsOn(new MemoryStore());
    for (const url of ['http://b', 'http://a', 'http://c']) await topics.subscribe('t', url, 'why');
    await topics.unsubscribe('t', 'http://a');
    expect(await topics.subscribersOf('t')).toEqual(['http://b', 'http://c']);
    await topics.delete('t');
    await expect(topics.subscribersOf('t')).rejects.toThrow(refused('TOPIC_NOT_FOUND'));
  });

  test.each([
    ['a topic without a name', ['', 'http://a', ''], 'INVALID_REQUEST'],
    ['a topic with a control character', ['a\n', 'http://a', ''], 'INVALID_REQUEST'],
    ['a topic with a long name', ['x'.repeat(limits.nameCharactersMax + 1), 'http://a', ''], 'LIMIT_EXCEEDED'],
    ['a long URL', ['t', `http://${'x'.repeat(limits.urlCharactersMax)}`, ''], 'LIMIT_EXCEEDED'],
    ['a long remark', ['t', 'http://a', 'x'.repeat(1_025)], 'LIMIT_EXCEEDED'],
    ['a URL that nobody can call', ['t', 'ftp://a', ''], 'UNSUPPORTED_BRANCH_URL'],
  ] as const)('with %s are refused', async (_, [topic, url, remark], code) => {
    await expect(topicsOn(new MemoryStore()).subscribe(topic, url, remark)).rejects.toThrow(refused(code));
  });

  test('are not added twice, nor taken away where they are not', async () => {
    const topics = topicsOn(new MemoryStore());
    await expect(topics.unsubscribe('t', 'http://a')).rejects.toThrow(refused('TOPIC_NOT_FOUND'));
    await expect(topics.delete('t')).rejects.toThrow(refused('TOPIC_NOT_FOUND'));
    await topics.subscribe('t', 'http://a', '');
    await expect(topics.subscribe('t', 'http://a', '')).rejects.toThrow(refused('ALREADY_EXISTS'));
    await expect(topics.unsubscribe('t', 'http://b')).rejects.toThrow(refused('NOT_FOUND'));
  });

  test('are no more than a message may have branches', async () => {
    const store = new MemoryStore();
    const many = Array.from({ length: limits.branchesMax }, (_, at) => ({ url: `http://s${String(at)}`, remark: '' }));
    await store.putKeyValue('topics', 't', JSON.stringify(many), 0, 1);
    await expect(topicsOn(store).subscribe('t', 'http://a', '')).rejects.toThrow(refused('LIMIT_EXCEEDED'));
  });

  test('who come at the same moment are all there', async () => {
    const topics = topicsOn(new MemoryStore());
    const urls = Array.from({ length: 10 }, (_, at) => `http://s${String(at)}`);
    await Promise.all(urls.map((url) => topics.subscribe('t', url, '')));
    expect([...(await topics.subscribersOf('t'))].sort()).toEqual(urls);
  });

  test('who never get their turn are told to try again', async () => {
    const store = new MemoryStore();
    const contended = new Proxy(store, {
      get(target, name) {
        if (name === 'putKeyValue') return () => Promise.resolve(false);
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
    await expect(topicsOn(contended).subscribe('t', 'http://a', '')).rejects.toThrow(refused('OVERLOADED'));
  });
});
