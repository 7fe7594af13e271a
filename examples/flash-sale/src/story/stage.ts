import { setTimeout as delay } from 'node:timers/promises';
import type { Narrator, Part } from '@tandem/example-stage';
import type { Buyers } from '../buyers.js';
import type { CrashOrder } from '../services/crash-points.js';
import type { Sale } from '../system/open-sale.js';
import { onPostgres, type Servers } from '../system/servers.js';

/** What the story has at hand. */
export class Stage {
  readonly story: Narrator;
  readonly sale: Sale;
  readonly servers: Servers;
  readonly buyers: Buyers;
  readonly stop: AbortSignal;

  constructor(of: Pick<Stage, 'story' | 'sale' | 'servers' | 'buyers' | 'stop'>) {
    this.story = of.story;
    this.sale = of.sale;
    this.servers = of.servers;
    this.buyers = of.buyers;
    this.stop = of.stop;
  }

  /** kill -9, and started again after a moment. */
  async killAndRestart(part: Part): Promise<void> {
    const { id } = part;
    await part.kill();
    this.story.line(`${part.name}, process ${id}, was killed with -9; buyers go on coming`);
    await delay(500);
    await this.#startAgain(part);
  }

  /** The shop dies in the middle of this buyer's purchase, who does not ask again, and is started again. */
  async shopDiesFor(buyer: string, moment: CrashOrder['moment']): Promise<void> {
    const { sale, buyers, story } = this;
    await sale.crash('shop', { moment, buyer });
    const { id, ended } = sale.shop;
    await Promise.all([buyers.ask({ buyer, attempt: 1 }), ended]);
    story.line(`the shop, process ${id}, was killed with -9 in the middle of ${buyer}'s purchase: ${meaning[moment]}`);
    await this.#startAgain(sale.shop);
  }

  /** Resolves when the order service has an order of the buyer. */
  async ordered(buyer: string): Promise<void> {
    await this.#until(() =>
      onPostgres(this.servers.postgres, async (client) => {
        const { rowCount } = await client.query('select from orders where buyer = $1', [buyer]);
        return rowCount === 1;
      }),
    );
  }

  /** Resolves when the coordinator has given the message up. */
  async givenUp(gid: string): Promise<void> {
    await this.#until(async () => {
      const response = await fetch(`${this.sale.coordinatorUrl}/api/dtmsvr/query?gid=${gid}`);
      const { transaction } = (await response.json()) as { readonly transaction: { readonly status: string } | null };
      return transaction?.status === 'failed';
    });
  }

  async #startAgain(part: Part): Promise<void> {
    await part.start();
    this.story.line(`${part.name} is started again: process ${part.id}`);
  }

  /** Whom it asks may be down at the moment: that is no answer. */
  async #until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo().catch(() => false))) {
      this.stop.throwIfAborted();
      await delay(100);
    }
  }
}

const meaning: Readonly<Record<string, string>> = {
  prepared: 'the message is prepared, and nothing is taken',
  taken: 'the piece is taken, and the message is not submitted',
};
