import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCaptured } from '../processes/run-captured.mjs';

/**
 * Packages that generate documents have a script `docs:check`, which fails when a document is not as it would be written
 * now. Answers a sentence for each that failed.
 * @param {string} root
 * @returns {Promise<string[]>}
 */
export async function staleDocuments(root) {
  const problems = [];
  for (const name of readdirSync(join(root, 'packages'))) {
    const manifest = join(root, 'packages', name, 'package.json');
    if (!existsSync(manifest)) continue;
    const command = JSON.parse(readFileSync(manifest, 'utf8')).scripts?.['docs:check'];
    if (command === undefined) continue;
    try {
      await runCaptured('sh', ['-c', command], { cwd: join(root, 'packages', name) });
    } catch (error) {
      problems.push(`packages/${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return problems;
}
