import { expect, test } from 'vitest';
import { frameMessage, MessageReader, MessageTooLargeError } from './message-frames.js';

const texts = ['', 'a', 'x'.repeat(300), '', 'end'];
const stream = Buffer.concat(texts.map((text) => frameMessage(Buffer.from(text))));

test.each([1, 2, 4, 5, 6, 7, 100, 10_000])('messages come whole out of chunks of %i bytes', (size) => {
  const reader = new MessageReader(1_000);
  const found: string[] = [];
  for (let at = 0; at < stream.length; at += size) {
    for (const { bytes } of reader.push(stream.subarray(at, at + size))) found.push(bytes.toString());
  }
  expect(found).toEqual(texts);
  expect(reader.isInMessage).toBe(false);
});

test('a message that has not ended is known of', () => {
  const reader = new MessageReader(1_000);
  expect(reader.push(frameMessage(Buffer.from('abc')).subarray(0, 6))).toEqual([]);
  expect(reader.isInMessage).toBe(true);
});

test('the flag of a compressed message is told', () => {
  const frame = frameMessage(Buffer.from('abc'));
  frame[0] = 1;
  expect(new MessageReader(10).push(frame)).toMatchObject([{ isCompressed: true }]);
});

test('a message that is announced as too large is refused before it comes', () => {
  const prefix = frameMessage(Buffer.alloc(11)).subarray(0, 5);
  expect(() => new MessageReader(10).push(prefix)).toThrow(MessageTooLargeError);
  expect(new MessageReader(11).push(prefix)).toEqual([]);
});
