import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { regionOf } from '../../../scripts/documentation/region-of.mjs';

const textOf = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');
const examples = ['saga', 'workflow', 'unit'];

test.each(examples)("the README's example '%s' is what is run beside this test", async (name) => {
  const snippet = regionOf(await textOf(`./readme/${name}.test.ts`), name);
  expect(snippet).not.toBe('');
  expect(await textOf('../README.md')).toContain(`\`\`\`ts\n${snippet}\n\`\`\``);
});

test('the README has no other example', async () => {
  expect((await textOf('../README.md')).match(/```ts/g)).toHaveLength(examples.length);
});
