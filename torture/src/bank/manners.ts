/**
 * How a bank treats the calls of branches: well, or in one of the ways in which services go wrong. What it does to the
 * answer happens after the work is committed.
 */
import type { RequestListener, ServerResponse } from 'node:http';

export type Manners =
  /** Answers as it should. */
  | 'good'
  /** Takes the call and never answers, and does no work. */
  | 'hang'
  /** Does the work, and drops the connection instead of answering. */
  | 'drop'
  /** Does the work, and answers when the caller has given up. */
  | 'late'
  /** Does the work, and sends its answer twice on the same connection. */
  | 'twice'
  /** Does the work, and answers 500. */
  | 'error';

export interface MannersOrder {
  readonly manners: Manners;
  /** Of how many calls, from 0 to 1. */
  readonly share: number;
}

type End = (body: Buffer) => ServerResponse;

/** How late a late answer is: the caller has given up by then. */
export const lateMs = 1_500;
/** What clients ask a bank to do for them is under this. */
export const clientPath = '/client/';
/** Clients and the run itself need answers; calls of the coordinator, and of banks among themselves, are treated badly. */
const ownPaths = ['/control/', clientPath];

/** See the file head. */
export class MannersOfBank {
  #order: MannersOrder = { manners: 'good', share: 1 };

  set(order: MannersOrder): void {
    this.#order = order;
  }

  /** How the next call of this path is treated. */
  draw(path: string): Manners {
    const { manners, share } = this.#order;
    return Math.random() >= share || ownPaths.some((own) => path.startsWith(own)) ? 'good' : manners;
  }

  wrap(serve: RequestListener): RequestListener {
    return (incoming, outgoing) => {
      const manners = this.draw(incoming.url ?? '');
      if (manners === 'good') {
        serve(incoming, outgoing);
        return;
      }
      if (manners === 'hang') {
        incoming.resume();
        return;
      }
      const end: End = outgoing.end.bind(outgoing) as End;
      const changed: End = (body) => {
        answerBadly(manners, outgoing, end, body);
        return outgoing;
      };
      outgoing.end = changed as typeof outgoing.end;
      serve(incoming, outgoing);
    };
  }
}

function answerBadly(
  manners: Exclude<Manners, 'good' | 'hang'>,
  outgoing: ServerResponse,
  end: End,
  body: Buffer,
): void {
  switch (manners) {
    case 'drop':
      outgoing.destroy();
      return;
    case 'late':
      setTimeout(() => end(body), lateMs);
      return;
    case 'twice': {
      const head = `HTTP/1.1 ${String(outgoing.statusCode)} Any\r\ncontent-type: application/json\r\ncontent-length: ${String(body.byteLength)}\r\n\r\n`;
      const answer = Buffer.concat([Buffer.from(head), body]);
      outgoing.socket?.write(Buffer.concat([answer, answer]));
      return;
    }
    case 'error': {
      // The head is written with the first byte of the body, so it can still be another one.
      const { socket } = outgoing;
      socket?.end('HTTP/1.1 500 Any\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}');
    }
  }
}
