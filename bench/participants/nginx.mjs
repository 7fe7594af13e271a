/**
 * Participants that cost next to nothing: nginx answers every branch call from memory.
 *
 *   /ok      200 {"dtm_result":"SUCCESS"}
 *   /refuse  409 {"dtm_result":"FAILURE"}
 *   /calls   how many requests it has answered (stub_status)
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/processes/free-port.mjs';
import { tool } from './tools.mjs';
import { eventually } from '../server/eventually.mjs';
import { usageOf } from '../server/process-usage.mjs';

/** @param {string} folder @param {number} port */
function configuration(folder, port) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `
    worker_processes 1;
    daemon off;
    pid ${folder}/nginx.pid;
    error_log ${folder}/error.log crit;
    events { worker_connections 4096; }
    http {
      access_log off;
      default_type application/json;
      keepalive_requests 1000000000;
      keepalive_timeout 300s;
      ${temporary.join('\n      ')}
      server {
        listen 127.0.0.1:${port} backlog=4096;
        location /ok { return 200 '{"dtm_result":"SUCCESS"}'; }
        location /refuse { return 409 '{"dtm_result":"FAILURE"}'; }
        location = /calls { stub_status; }
      }
    }`;
}

/**
 * @typedef {object} Participants
 * @property {string} url
 * @property {() => Promise<void>} start
 * @property {() => Promise<void>} stop
 * @property {() => Promise<number>} calls requests answered since the start
 * @property {() => number} cpuSeconds since the start
 */

/**
 * Participants on a fixed free port, not yet started: a test of recovery starts them late.
 * @param {string} folder
 * @returns {Promise<Participants>}
 */
export async function participants(folder) {
  const { path, env } = await tool('nginx', 'nginx');
  const port = await freePort();
  const home = join(folder, 'nginx');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'nginx.conf'), configuration(home, port));
  const url = `http://127.0.0.1:${port}`;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  return {
    url,
    async start() {
      const args = ['-e', join(home, 'error.log'), '-p', home, '-c', join(home, 'nginx.conf')];
      child = spawn(path, args, { env, stdio: 'inherit' });
      await eventually('nginx answers', 10_000, async () => (await fetch(`${url}/ok`)).ok);
    },
    async stop() {
      const running = child;
      child = undefined;
      if (running === undefined || running.exitCode !== null) return;
      const ended = new Promise((resolve) => running.on('exit', resolve));
      running.kill('SIGTERM');
      await ended;
    },
    cpuSeconds: () => (child?.pid === undefined ? 0 : usageOf(child.pid).cpuSeconds),
    async calls() {
      const text = await (await fetch(`${url}/calls`)).text();
      return Number(/^\s*\d+\s+\d+\s+(\d+)/m.exec(text)?.[1] ?? Number.NaN);
    },
  };
}
