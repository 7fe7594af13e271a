/**
 * `npm run docs`: writes docs/api, the API reference, anew from the docstrings of the sources.
 *
 * `-- --check` writes nothing, and fails where docs/api is not what the docstrings say. Both fail for an export without a docstring, a link
 * that leads nowhere, and a type that users meet and cannot import.
 */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { writeApiReference } from './documentation/api-reference.mjs';
import { prepareWorkspace } from './workspace/prepare.mjs';
import { root } from './workspace/root.mjs';

const committed = join(root, 'docs', 'api');

/** The text of every file, by its path. @param {string} folder */
function textsIn(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** @param {string} made */
function differences(made) {
  const [now, before] = [textsIn(made), textsIn(committed)];
  const names = new Set([...now.keys(), ...before.keys()]);
  return [...names]
    .filter((name) => now.get(name) !== before.get(name))
    .map((name) => `${relative(root, join(committed, name))} is not what the docstrings say: run "npm run docs"`);
}

await prepareWorkspace();
const made = mkdtempSync(join(tmpdir(), 'tandem-api-'));
try {
  const problems = await writeApiReference(made);
  if (process.argv.includes('--check')) {
    problems.push(...differences(made));
  } else {
    rmSync(committed, { recursive: true, force: true });
    cpSync(made, committed, { recursive: true });
  }
  for (const problem of problems) console.error(problem);
  console.log(`API reference: ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(made, { recursive: true, force: true });
}
