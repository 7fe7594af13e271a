import { describe, expect, test } from 'vitest';
import { literally, mysqlLiteral } from './mysql-literals.js';

describe('a text in a statement', () => {
  test.each(['', 'gid-1.2_3', '{"a": [1, 2]}', '%#@!'])('%j is written as it is', (text) => {
    expect(mysqlLiteral(text)).toBe(`'${text}'`);
  });

  test.each(["it's", '\\', '?', '$1', 'a\nb', '\0', 'äß', '\u{1f600}', '`', "\\'; drop table barrier; -- "])(
    '%j is no SQL whatever the mode of the session, and nothing that stands for a value',
    (text) => {
      const [, hex = ''] = /^_utf8mb4 x'([0-9a-f]*)'$/.exec(mysqlLiteral(text)) ?? [];
      expect(Buffer.from(hex, 'hex').toString()).toBe(text);
    },
  );

  test('values come in the order of their places, and are not looked at again', async () => {
    const sent: unknown[] = [];
    const query = literally((sql, values) => Promise.resolve([sent.push(sql, values)]));
    await query('insert into t values (?, ?, now())', ['a?', 'b']);
    expect(sent).toEqual([`insert into t values (_utf8mb4 x'613f', 'b', now())`, []]);
  });
});
