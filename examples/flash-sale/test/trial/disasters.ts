/** What goes wrong in one sale, drawn by seed: every part is killed from outside, and dies at every moment of its code. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PartName } from '@tandem/example-flash-sale';
import type { Random } from '@tandem/torture/random';

/** Services that can be told to die at a moment. */
type Service = Exclude<PartName, 'coordinator'>;

/** One thing that goes wrong. */
export type Disaster = {
  /** When so many buyers have been told. */
  readonly at: number;
} & (
  | { readonly kill: PartName | 'postgres' | 'redis'; readonly downMs: number }
  /** It keeps its sockets and does nothing; longer than a lease of the coordinator, and than a purchase may take before its check. */
  | { readonly pause: PartName; readonly forMs: number }
  | { readonly crash: Service; readonly moment: string; readonly passes: number }
);

/** What can be killed and started again. */
export interface Killable {
  readonly isRunning: boolean;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
}

const victims = ['coordinator', 'shop', 'orders', 'postgres', 'redis'] as const;
const moments = [
  { crash: 'shop', moment: 'prepared' },
  { crash: 'shop', moment: 'taken' },
  { crash: 'shop', moment: 'told' },
  { crash: 'orders', moment: 'created' },
] as const;

/** Each once while there are pieces; a pause, and two kills more at any time. */
export function drawDisasters(
  random: Random,
  { buyers, pieces }: { readonly buyers: number; readonly pieces: number },
) {
  const whileSelling = (): number => random.integer(Math.floor(pieces / 50), Math.floor(pieces * 0.8));
  const downMs = (): number => random.integer(20, 800);
  const drawn: Disaster[] = [
    ...victims.map((kill) => ({ at: whileSelling(), kill, downMs: downMs() })),
    ...moments.map((one) => ({ at: random.integer(1, Math.floor(pieces / 3)), ...one, passes: random.integer(1, 10) })),
    { at: whileSelling(), pause: random.pick(['coordinator', 'shop', 'orders']), forMs: random.integer(2_500, 3_500) },
    ...[1, 2].map(() => ({ at: random.integer(0, buyers - 1), kill: random.pick(victims), downMs: downMs() })),
  ];
  return drawn.sort((a, b) => a.at - b.at);
}

export interface Strike {
  readonly targets: Readonly<Record<(typeof victims)[number], Killable>>;
  /** Resolves when so many buyers have been told. */
  readonly untilTold: (told: number) => Promise<void>;
  /** Resolves when everybody has been told and nothing goes on: no moment of any code comes any more. */
  readonly over: Promise<void>;
  readonly crash: (service: Service, order: { readonly moment: string; readonly passes: number }) => Promise<void>;
}

/**
 * Lets all of it happen; resolves when everything runs again, with how many did. Two parts may be down at once, one part is killed
 * once at a time; a crash whose moment did not come any more is none.
 */
export async function strike(disasters: readonly Disaster[], how: Strike): Promise<number> {
  const { targets, untilTold, over, crash } = how;
  let happened = 0;
  const last = new Map<string, Promise<void>>();
  for (const disaster of disasters) {
    await untilTold(disaster.at);
    const victim = victimOf(disaster);
    const target = targets[victim];
    const happens = async (): Promise<void> => {
      if ('pause' in disaster) {
        happened += 1;
        target.pause();
        await delay(disaster.forMs);
        target.resume();
        return;
      }
      if ('kill' in disaster) {
        await target.kill();
        await delay(disaster.downMs);
      } else {
        const { moment, passes } = disaster;
        await crash(disaster.crash, { moment, passes });
        await Promise.race([target.ended, over]);
        if (target.isRunning) return;
      }
      happened += 1;
      await target.start();
    };
    last.set(victim, (last.get(victim) ?? Promise.resolve()).then(happens));
  }
  await Promise.all(last.values());
  return happened;
}

function victimOf(disaster: Disaster): (typeof victims)[number] {
  if ('pause' in disaster) return disaster.pause;
  return 'kill' in disaster ? disaster.kill : disaster.crash;
}
