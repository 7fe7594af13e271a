/** `npm run quickstart`: installs and builds what is missing, then runs the demonstration of examples/transfer. */
import { demonstrate } from './examples/demonstrate.mjs';
import { prepareWorkspace } from './workspace/prepare.mjs';

await prepareWorkspace();
await demonstrate('transfer', { title: 'quickstart', timeLimitMs: 60_000, options: {} });
