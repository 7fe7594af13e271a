import { readFileSync } from 'node:fs';

/**
 * Who a server that refuses to run as root is run as: undefined when this process is not root, else an account of the
 * machine without rights, by preference the server's own.
 * @param {string} preferredName
 * @returns {{ uid: number, gid: number } | undefined}
 */
export function unprivilegedAccount(preferredName) {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  );
  return accounts.get(preferredName) ?? accounts.get('nobody') ?? { uid: 65534, gid: 65534 };
}
