import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { brokenLinks } from './broken-links.mjs';

test('links to files and headings that are not there are told, others and code are not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-links-'));
  try {
    writeFileSync(
      join(folder, 'a.md'),
      '# A thing: `it`\n[b](b.md) [b](b.md#two-words) [web](https://example.org/x)\n',
    );
    writeFileSync(
      join(folder, 'b.md'),
      '## Two words\n[a](./a.md#a-thing-it) [gone](gone.md)\n[no](a.md#no)\n```\n[code](none.md)\n```\n' +
        '## Two words\n<a id="by-hand"></a> [b](#two-words-1) [b](#by-hand) [no](#two-words-2)\n',
    );
    expect(brokenLinks(folder)).toEqual([
      'b.md: leads nowhere: gone.md',
      'b.md: leads nowhere: a.md#no',
      'b.md: leads nowhere: #two-words-2',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
