import type { Faults } from '@tandem/store';
import type { Draw } from '../draw/draw.js';
import type { SeededRandom } from '../seeded-random.js';
import type { Tally } from '../tally.js';
import type { VirtualTime } from '@tandem/coordinator/virtual-time';

/** Whether the store is treated badly at this time. */
export interface StoreTrouble {
  isCalm: boolean;
}

interface Surroundings {
  readonly draw: Draw;
  readonly time: VirtualTime;
  readonly tally: Tally;
  readonly trouble: StoreTrouble;
}

const counted = {
  failBefore: 'storeFailedBefore',
  loseReply: 'storeReplyLost',
  splitBatch: 'storeBatchSplit',
} as const;

/** A chance that counts when it strikes: the wrapper asks for a number and compares it with the chance. */
const always = 1;

/** What goes wrong between one node and the store. */
export function storeFaults({ draw, time, tally, trouble }: Surroundings, random: SeededRandom): Faults {
  const { failBefore, loseReply, splitBatch, refuse, slow, slowMs } = draw.store;
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void time.in(ms, resolve));
  return {
    random: () => (trouble.isCalm ? always : random.share()),
    ...(slow > 0
      ? {
          delay: async (): Promise<void> => {
            if (trouble.isCalm || !random.chance(slow)) return;
            tally.count('storeSlow');
            await wait(random.skewed(1, slowMs));
          },
        }
      : {}),
    failBefore,
    loseReply,
    splitBatch,
    injected: (fault) => {
      tally.count(counted[fault]);
    },
    ...(refuse > 0
      ? {
          refuse: (item): string | undefined => {
            if (trouble.isCalm || item.kind === 'create' || !random.chance(refuse)) return undefined;
            tally.count('storeRefusedItem');
            return 'too large for this engine';
          },
        }
      : {}),
  };
}
