import { runCaptured } from '../../processes/run-captured.mjs';
import { installedPrograms } from './installed-programs.mjs';
import { oneAfterTheOther } from './one-after-the-other.mjs';

/**
 * Programs that root installs on the machine with apt-get: it changes the machine, so it is only for machines that are
 * thrown away (CI=true) and for who asks for it (TANDEM_SERVICES_FROM=apt).
 * @param {import('../service.mjs').Service} service
 * @returns {Promise<import('../service.mjs').Programs>}
 */
export async function aptPrograms(service) {
  if (service.debian === undefined) throw new Error('no Debian package is named for it');
  if (service.debian.suite !== undefined) throw new Error('of another release: it is never installed');
  if (process.getuid?.() !== 0) throw new Error('apt-get install needs root');
  // RUNLEVEL=1 keeps the packages from starting a server of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const args = ['install', '-y', '--no-install-recommends', ...service.debian.packages];
  await oneAfterTheOther(async () => {
    await runCaptured('apt-get', ['update'], { env });
    await runCaptured('apt-get', args, { env });
  });
  return installedPrograms(service);
}
