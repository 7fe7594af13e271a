import { join } from 'node:path';
import { runCaptured } from '../processes/run-captured.mjs';
import { root } from '../workspace/root.mjs';

/**
 * Starts a service as compose.yaml describes it; needs Docker.
 * @param {import('./service.mjs').Service} service
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startComposed(service) {
  if (service.composeName === undefined || service.composeUrl === undefined) throw new Error('not in compose.yaml');
  const compose = ['compose', '-f', join(root, 'compose.yaml'), '-p', `tandem-test-${process.pid}`];
  await runCaptured('docker', [...compose, 'up', '-d', '--wait', service.composeName]);
  return {
    url: service.composeUrl,
    stop: async () => {
      await runCaptured('docker', [...compose, 'down', '-v', '-t', '5']);
    },
  };
}
