import { setting, type Setting } from './setting.js';
import { seconds } from './setting-kinds.js';
import { workerCount } from './worker-count.js';

const day = 86_400;

/** The settings of the processes: how many, and how they show themselves. */
export const nodeSettings = {
  workers: setting(
    { path: 'Workers', environment: 'TANDEM_WORKERS' },
    workerCount,
    1,
    'Processes that serve the same ports and share the store, for a machine with several cores; `auto`: one for each core. More than one needs a store with a server: the embedded one belongs to one process.',
  ),
  nodeHeartbeatMs: setting(
    { path: 'NodeHeartbeat', environment: 'TANDEM_NODE_HEARTBEAT' },
    seconds(0.1, 300),
    5_000,
    'How often a node gives a sign of life, one small write each. Three that are missing, and it is shown as gone.',
  ),
  nodeGoneMs: setting(
    { path: 'NodeGone', environment: 'TANDEM_NODE_GONE' },
    seconds(0, 30 * day),
    3_600_000,
    'How long a node that is gone is still shown.',
  ),
} satisfies Record<string, Setting<unknown>>;
