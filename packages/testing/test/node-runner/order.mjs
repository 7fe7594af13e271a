import assert from 'node:assert/strict';
import test from 'node:test';
import { branchHandler } from '@tandem/client';
import { explore } from '@tandem/testing';

void test('an effect that happens at least once', async () => {
  const { runs } = await explore({
    setUp: ({ serve }) => {
      const effects = { count: 0 };
      serve({
        'http://a/do': branchHandler(() => {
          effects.count += 1;
        }),
      });
      return effects;
    },
    run: ({ client }) => client.message({ gid: 'm' }).add('http://a/do').submit(),
    invariant: (effects, { status }) => {
      assert.ok(status === 'failed' ? effects.count === 0 : effects.count > 0);
    },
  });
  assert.ok(runs.length > 15);
});
