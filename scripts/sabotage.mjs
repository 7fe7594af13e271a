/** `npm run sabotage`: builds what is missing and looks whether the simulation notices defects; docs/correctness/sabotage.md. */
import { join } from 'node:path';
import { runToEnd } from './processes/run-to-end.mjs';
import { prepareWorkspace } from './workspace/prepare.mjs';
import { root } from './workspace/root.mjs';

await prepareWorkspace();
const main = join(root, 'simulation', 'dist', 'sabotage', 'sabotage.js');
process.exitCode = await runToEnd(process.execPath, [main, ...process.argv.slice(2)], { cwd: root });
