/** `npm run simulate`: builds what is missing and runs the simulation; docs/correctness/simulation.md has its options. */
import { join } from 'node:path';
import { runToEnd } from './processes/run-to-end.mjs';
import { prepareWorkspace } from './workspace/prepare.mjs';
import { root } from './workspace/root.mjs';

await prepareWorkspace();
const main = join(root, 'simulation', 'dist', 'cli', 'simulate.js');
process.exitCode = await runToEnd(process.execPath, [main, ...process.argv.slice(2)], { cwd: root });
