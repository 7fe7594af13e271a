import { connect } from 'node:net';

/**
 * Sends one command to a Redis on this machine and answers its reply, if that is a line or a text. Rejects with what Redis
 * finds wrong.
 * @param {number} port
 * @param {string} command words joined by spaces
 * @returns {Promise<string>}
 */
export function askRedis(port, command) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = Buffer.alloc(0);
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer to ${command.slice(0, 60)}`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('Redis has closed the connection')));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const reply = readReply(received);
      if (reply === undefined) return;
      socket.destroy();
      if (reply.startsWith('-')) reject(new Error(`${command.slice(0, 60)}: ${reply.slice(1)}`));
      else resolve(reply.slice(1));
    });
    socket.write(`${command}\r\n`);
  });
}

/** The kind and the text of a reply; undefined while it is not all there. @param {Buffer} received */
function readReply(received) {
  const lineEnd = received.indexOf('\r\n');
  if (lineEnd === -1) return undefined;
  const line = received.toString('utf8', 0, lineEnd);
  if (!line.startsWith('$')) return line;
  const start = lineEnd + 2;
  const end = start + Number(line.slice(1));
  return received.length < end + 2 ? undefined : `$${received.toString('utf8', start, end)}`;
}

/**
 * Asks until the reply is as it should be.
 * @param {number} port
 * @param {string} command
 * @param {(reply: string) => boolean} isReached
 */
export async function untilRedis(port, command, isReached, limitMs = 120_000) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const reply = await askRedis(port, command).catch(String);
    if (isReached(reply)) return reply;
    if (Date.now() > deadline) throw new Error(`${command} on ${port} still answers ${reply}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
