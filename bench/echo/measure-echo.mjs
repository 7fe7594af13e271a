import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { gidPlace, runLoad } from '../load/wrk.mjs';

const connections = 64;

/** Requests per second that a plain node:http JSON echo answers here and now. @param {string} folder @param {number} seconds */
export async function measureEcho(folder, seconds) {
  const program = fileURLToPath(new URL('./echo-server.mjs', import.meta.url));
  const server = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [line] = await once(server.stdout.setEncoding('utf8'), 'data');
    const url = `http://127.0.0.1:${String(line).trim()}`;
    const body = JSON.stringify({ gid: gidPlace, trans_type: 'saga', steps: [], payloads: [] });
    const load = { url, requests: [{ path: '/', body }], connections };
    await runLoad(folder, { ...load, seconds: 1 });
    const { perSecond, refused, socketErrors } = await runLoad(folder, { ...load, seconds });
    if (refused + socketErrors > 0) throw new Error('the echo server refused requests');
    return perSecond;
  } finally {
    server.kill('SIGKILL');
  }
}
