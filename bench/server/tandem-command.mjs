import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/workspace/root.mjs';

/** How Tandem of this tree is started. @param {readonly string[]} nodeFlags @param {string} serverFlags */
export function tandemCommand(nodeFlags, serverFlags) {
  const server = join(root, 'packages', 'server');
  /** @type {{ bin: { tandem: string } }} */
  const { bin } = JSON.parse(readFileSync(join(server, 'package.json'), 'utf8'));
  return [process.execPath, ...nodeFlags, join(server, bin.tandem), 'start', serverFlags].join(' ').trim();
}
