import { describe, expect, test } from 'vitest';
import { BatchMessage } from './batch-message.js';

/** The parameters of a Bind message: null, or their bytes as text. */
function parametersOf(bind: Buffer): (string | null)[] {
  expect(String.fromCharCode(bind[0] ?? 0)).toBe('B');
  expect(bind.readInt32BE(1)).toBe(bind.length - 1);
  const statementAt = bind.indexOf(0, 5) + 1;
  let at = bind.indexOf(0, statementAt) + 1;
  expect(bind.readInt16BE(at)).toBe(0);
  const count = bind.readUInt16BE(at + 2);
  at += 4;
  const values = Array.from({ length: count }, () => {
    const length = bind.readInt32BE(at);
    at += 4;
    if (length < 0) return null;
    at += length;
    return bind.toString('utf8', at - length, at);
  });
  expect(bind.readInt16BE(at)).toBe(0);
  expect(at + 2).toBe(bind.length);
  return values;
}

/** The messages of a buffer, each with its tag and length. */
function messagesOf(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    messages.push(bytes.subarray(at, end));
    at = end;
  }
  return messages;
}

describe('a batch as one message', () => {
  const texts = ['', 'plain', 'naïve – 漢字 🙂', 'é'.repeat(40), 'a'.repeat(5_000), '🙂'.repeat(9_000)];

  test.each(texts)('brings a text through whatever its letters and its length (%#)', (text) => {
    const message = new BatchMessage();
    message.statement('s', [text, null, -12, 1_800_000_000_000]);
    const [bind] = messagesOf(message.take());
    expect(bind && parametersOf(bind)).toEqual([text, null, '-12', '1800000000000']);
  });

  test('executes each statement without a limit of rows, and ends with a Sync', () => {
    const message = new BatchMessage();
    message.statement('s', []);
    message.sync();
    const [, execute, sync] = messagesOf(message.take());
    expect(execute?.toString('hex')).toBe('45000000090000000000');
    expect(sync?.toString('hex')).toBe('5300000004');
  });

  test('leaves alone what was taken, when it grows beyond its room', () => {
    const message = new BatchMessage();
    message.statement('first', ['one']);
    const first = message.take();
    const before = Buffer.from(first);
    for (let count = 0; count < 50; count++) message.statement('more', ['x'.repeat(1_000)]);
    const rest = messagesOf(message.take());
    expect(first).toEqual(before);
    expect(rest).toHaveLength(100);
    expect(rest.filter((_, index) => index % 2 === 0).map(parametersOf)).toEqual(
      Array.from({ length: 50 }, () => ['x'.repeat(1_000)]),
    );
  });
});
