/**
 * `npm start`: installs and builds what is missing, then is `tandem start`, with the same flags.
 *
 * The command is loaded into this very process: nothing stands between it and the terminal's signals, its exit code is
 * this one's, and a tree that is already built starts as fast as the bare command.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepareWorkspace } from './workspace/prepare.mjs';
import { root } from './workspace/root.mjs';

await prepareWorkspace();
const server = join(root, 'packages', 'server');
const command = join(server, JSON.parse(readFileSync(join(server, 'package.json'), 'utf8')).bin.tandem);
process.argv = [process.execPath, command, 'start', ...process.argv.slice(2)];
await import(pathToFileURL(command).href);
