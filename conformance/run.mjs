/** `npm run conformance -- --http URL [--grpc HOST:PORT]`: builds what is missing and runs the suite; docs/conformance.md */
import { join } from 'node:path';
import { runToEnd } from '../scripts/processes/run-to-end.mjs';
import { prepareWorkspace } from '../scripts/workspace/prepare.mjs';
import { root } from '../scripts/workspace/root.mjs';

await prepareWorkspace();
const main = join(root, 'conformance', 'dist', 'main.js');
process.exitCode = await runToEnd(process.execPath, [main, ...process.argv.slice(2)], { cwd: process.cwd() });
