import { expect, test } from 'vitest';
import { frameMessage, MessageReader } from './message-frames.js';

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
  expect(() => new MessageReader(10).push(prefix)).toThrow('the message is larger than 10 bytes');
  expect(new MessageReader(11).push(prefix)).toEqual([]);
});

test('a flag that nobody knows is refused', () => {
  const frame = frameMessage(Buffer.from('abc'));
  frame[0] = 0x80;
  expect(() => new MessageReader(10).push(frame)).toThrow('its flag is unknown');
});

test('a message in very many pieces is refused: each costs more than it holds', () => {
  const reader = new MessageReader(1_000_000);
  const frame = frameMessage(Buffer.alloc(100_000));
  expect(() => {
    for (let at = 0; at < frame.length; at += 1) reader.push(frame.subarray(at, at + 1));
  }).toThrow('pieces');
});
