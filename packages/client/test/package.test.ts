/** What is published: its size, what it needs, and that every entry is where package.json says, with types. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transformWithEsbuild } from 'vite';
import { describe, expect, test } from 'vitest';
import { packedTypes, publintMessages } from '../../../scripts/packaging/packed.mjs';

interface Manifest {
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const folder = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
const entries = Object.entries(manifest.exports);

/** `@scope/name` of `@scope/name/part`. */
function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/** All that an entry pulls in, as one minified module; what it imports from outside stays an import. */
async function bundled(entry: string): Promise<{ readonly code: string; readonly imports: readonly string[] }> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['tandem-source'] },
    build: {
      write: false,
      // Of a module, the bundler leaves the white space; what follows it takes it away.
      minify: false,
      target: 'es2022',
      lib: { entry: join(folder, entry), formats: ['es'] },
      rollupOptions: { external: (id) => !id.startsWith('.') && !id.startsWith('/') && !id.startsWith('@tandem/') },
    },
  });
  const [output] = Array.isArray(result) ? result : [];
  const chunk = output?.output[0];
  if (chunk?.type !== 'chunk') throw new Error('nothing was built');
  const { code } = await transformWithEsbuild(chunk.code, 'entry.js', {
    minify: true,
    target: 'es2022',
    legalComments: 'none',
  });
  return { code, imports: chunk.imports };
}

describe('the main entry', () => {
  test('needs nothing, and has less than 30 kB minified', async () => {
    const { code, imports } = await bundled('src/index.ts');
    expect(imports).toEqual([]);
    expect(code).not.toContain('node:');
    expect(Buffer.byteLength(code)).toBeGreaterThan(10_000);
    expect(Buffer.byteLength(code)).toBeLessThan(30_000);
  });

  test('has nothing that only some runtimes have', async () => {
    const { code } = await bundled('src/index.ts');
    expect(code).not.toMatch(/\b(Buffer|process|setImmediate|__dirname|require)\b(?=[.(])/);
  });
});

describe.each(entries)('entry %s', (_, conditions) => {
  test('says for each condition where it is, types first', () => {
    expect(Object.keys(conditions)).toEqual(['tandem-source', 'types', 'default']);
    const [source = '', types = '', code = ''] = Object.values(conditions);
    expect(existsSync(join(folder, source))).toBe(true);
    const name = source.replace('./src/', './dist/').replace(/\.ts$/, '');
    expect([types, code]).toEqual([`${name}.d.ts`, `${name}.js`]);
  });

  test('imports from outside nothing but Node and optional peers', async () => {
    const { imports } = await bundled(conditions['tandem-source'] ?? '');
    const foreign = imports.filter((name) => !name.startsWith('node:')).map(packageOf);
    for (const name of foreign) {
      expect(manifest.peerDependencies).toHaveProperty(name);
      expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
    }
  });
});

describe('what is packed', () => {
  test('is as publint wants it', async () => {
    expect(await publintMessages(folder)).toEqual([]);
  });

  test('has types that every way of resolving ESM finds', async () => {
    expect(await packedTypes(folder)).toEqual({ entries: Object.keys(manifest.exports), problems: [] });
  });
});
