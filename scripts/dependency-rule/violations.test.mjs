import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readPackages } from './read-packages.mjs';
import { violations } from './violations.mjs';

/** @type {string[]} */
const folders = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A repository with these files. @param {Record<string, unknown>} files */
function repository(files) {
  const root = mkdtempSync(join(tmpdir(), 'tandem-rule-'));
  folders.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

/** @param {Record<string, unknown>} files */
function violationsIn(files) {
  return violations(readPackages(repository(files)));
}

const protocol = { name: '@tandem/protocol' };
const store = { name: '@tandem/store', dependencies: { '@tandem/protocol': '1' } };
const sql = { name: '@tandem/store-sql', dependencies: { '@tandem/store': '1', pg: '8' } };

describe('the dependency rule', () => {
  test('lets arrows point inward', () => {
    const found = violationsIn({
      'packages/protocol/package.json': protocol,
      'packages/protocol/src/gid.ts': `export const a = 1;`,
      'packages/store/package.json': store,
      'packages/store/src/store.ts': `import { a } from '@tandem/protocol';\nimport { b } from './b.js';\nimport 'node:fs';`,
      'packages/store-sql/package.json': sql,
      'packages/store-sql/src/postgres/open.ts': `import pg from 'pg';\nexport { c } from '@tandem/store';`,
    });
    expect(found).toEqual([]);
  });

  test('refuses an arrow outward in a manifest', () => {
    const manifest = { name: '@tandem/protocol', dependencies: { '@tandem/store': '1' } };
    expect(violationsIn({ 'packages/protocol/package.json': manifest })).toEqual([
      'packages/protocol/package.json: protocol must not depend on store',
    ]);
  });

  test.each([
    ['a static import', `import { a } from '@tandem/store-sql';`],
    ['a type import', `import type { A } from '@tandem/store-sql/sqlite';`],
    ['a re-export', `export { a } from '@tandem/store-sql';`],
    ['a dynamic import', `export const load = () => import('@tandem/store-sql');`],
  ])('refuses an arrow outward written as %s', (_, text) => {
    const found = violationsIn({ 'packages/store/package.json': store, 'packages/store/src/a.ts': text });
    expect(found).toEqual(['packages/store/src/a.ts: store must not import store-sql']);
  });

  test("lets a package's test folder use what the scripts start, and nothing else of the package", () => {
    const text = `import { openInstance } from '../../../scripts/services/instance.mjs';`;
    const manifest = { 'packages/store/package.json': store };
    expect(violationsIn({ ...manifest, 'packages/store/test/a.test.ts': text })).toEqual([]);
    expect(violationsIn({ ...manifest, 'packages/store/src/a/b.ts': text })).toHaveLength(1);
  });

  test('refuses a relative import that leaves the package, in tests too', () => {
    const text = `import { a } from '../../protocol/src/gid.js';`;
    const found = violationsIn({ 'packages/store/package.json': store, 'packages/store/src/a.test.ts': text });
    expect(found).toEqual([
      `packages/store/src/a.test.ts: leaves the package: '../../protocol/src/gid.js'; import other packages by name`,
    ]);
  });

  test('refuses Node itself in the protocol, but not in its tests', () => {
    const found = violationsIn({
      'packages/protocol/package.json': protocol,
      'packages/protocol/src/a.ts': `import { randomBytes } from 'node:crypto';`,
      'packages/protocol/src/a.test.ts': `import { readFileSync } from 'node:fs';\nimport { test } from 'vitest';`,
    });
    expect(found).toEqual([`packages/protocol/src/a.ts: the protocol is pure and imports nothing: 'node:crypto'`]);
  });

  test('refuses what a manifest does not declare, and development packages outside of tests', () => {
    const manifest = { ...sql, devDependencies: { lodash: '4' } };
    const found = violationsIn({
      'packages/store-sql/package.json': manifest,
      'packages/store-sql/src/a.ts': `import 'lodash';`,
      'packages/store-sql/test/a.test.ts': `import 'lodash';\nimport '@scope/other/part';`,
    });
    expect(found).toEqual([
      'packages/store-sql/src/a.ts: imports lodash, which packages/store-sql/package.json does not declare',
      'packages/store-sql/test/a.test.ts: imports @scope/other, which packages/store-sql/package.json does not declare',
    ]);
  });

  test('refuses packages from outside in store and client, unless they are peers', () => {
    const client = {
      name: '@tandem/client',
      dependencies: { '@tandem/protocol': '1', axios: '1' },
      peerDependencies: { pg: '8' },
    };
    const found = violationsIn({
      'packages/client/package.json': client,
      'packages/client/src/pg.ts': `import pg from 'pg';`,
    });
    expect(found).toEqual(['packages/client/package.json: client has no dependencies from outside, but names axios']);
  });

  test('refuses concrete stores in more than one file of the server', () => {
    const server = { name: '@tandem/server', dependencies: { '@tandem/store-sql': '1', '@tandem/store-redis': '1' } };
    const found = violationsIn({
      'packages/server/package.json': server,
      'packages/server/src/main.ts': `import '@tandem/store-sql';`,
      'packages/server/src/config/store.ts': `import '@tandem/store-redis';`,
      'packages/server/test/a.test.ts': `import '@tandem/store-sql';`,
    });
    expect(found).toEqual([
      'concrete stores are named in more than one file: packages/server/src/config/store.ts, packages/server/src/main.ts',
    ]);
  });

  test('refuses a package that it does not know', () => {
    expect(violationsIn({ 'packages/extra/package.json': { name: '@tandem/extra' } })).toEqual([
      'packages/extra/package.json: the dependency rule does not know extra',
    ]);
  });
});
