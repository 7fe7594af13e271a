/**
 * A network namespace with two cables: one leads to the store, one to participants and clients. The first can be pulled out, and
 * then packets are neither answered nor refused. Linux, root and `ip` are needed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

export interface CuttableNetwork {
  /** Of the store, as it is reached from inside. */
  readonly storeUrl: string;
  readonly branchUrl: string;
  /** Address inside, reached from outside. */
  readonly nodeHost: string;
  /** What a command begins with that runs inside. */
  readonly prefix: readonly string[];
  cut(): void;
  mend(): void;
  close(): void;
}

/** Why there is none on this machine; undefined: there is. */
export const whyNoNetwork = lookForNamespaces();

function lookForNamespaces(): string | undefined {
  const name = `tandem-try-${String(process.pid)}`;
  if (process.getuid?.() !== 0) return 'it takes root';
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'there is no ip netns';
  spawnSync('ip', ['netns', 'del', name]);
  return undefined;
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', [...args], { stdio: 'pipe' });
}

/** `third`: the third number of both ends' addresses. */
function cable(space: string, name: string, third: number): void {
  ip('link', 'add', `${name}o`, 'type', 'veth', 'peer', 'name', `${name}i`);
  ip('link', 'set', `${name}i`, 'netns', space);
  ip('addr', 'add', `10.213.${String(third)}.1/30`, 'dev', `${name}o`);
  ip('link', 'set', `${name}o`, 'up');
  ip('-n', space, 'addr', 'add', `10.213.${String(third)}.2/30`, 'dev', `${name}i`);
  ip('-n', space, 'link', 'set', `${name}i`, 'up');
}

export async function openNetwork(storeUrl: string, branchUrl: string): Promise<CuttableNetwork> {
  const id = String(process.pid % 100_000);
  const space = `tandem-${id}`;
  const third = process.pid % 120;
  ip('netns', 'add', space);
  ip('-n', space, 'link', 'set', 'lo', 'up');
  cable(space, `ts${id}`, third * 2);
  cable(space, `tb${id}`, third * 2 + 1);
  const [store, branch] = await Promise.all([
    forward(`10.213.${String(third * 2)}.1`, storeUrl),
    forward(`10.213.${String(third * 2 + 1)}.1`, branchUrl),
  ]);
  return {
    storeUrl: store.url,
    branchUrl: branch.url.replace(/\/$/, ''),
    nodeHost: `10.213.${String(third * 2 + 1)}.2`,
    prefix: ['ip', 'netns', 'exec', space],
    // The inner end stays up: whoever sends there hears of nothing.
    cut: () => {
      ip('link', 'set', `ts${id}o`, 'down');
    },
    mend: () => {
      ip('link', 'set', `ts${id}o`, 'up');
    },
    close: () => {
      for (const end of [store, branch]) end.close();
      for (const name of [`ts${id}o`, `tb${id}o`]) spawnSync('ip', ['link', 'del', name]);
      spawnSync('ip', ['netns', 'del', space]);
    },
  };
}

/** Listens at `host` for the server that a URL names. */
async function forward(host: string, url: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  server.listen(Number(target.port), host);
  await once(server, 'listening');
  const through = new URL(url);
  through.hostname = host;
  return {
    url: through.href,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
