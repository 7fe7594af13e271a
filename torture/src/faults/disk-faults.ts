/** What happens to the coordinator's disk while it runs, and when it starts. */
import type { DiskTrouble } from '../disk/sync-faults.js';
import type { Fault, Missing, World } from './fault.js';

function withoutMount({ disk }: World): Missing | undefined {
  if (disk.isMounted) return undefined;
  return {
    why: 'no file system can be mounted',
    whatHelps:
      'run it as root, or allow user namespaces: sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000 ' +
      '(in Docker: --privileged, or --security-opt seccomp=unconfined --cap-add SYS_ADMIN)',
  };
}

function withoutLibrary({ syncFaults }: World): Missing | undefined {
  if (syncFaults !== undefined) return undefined;
  return { why: 'it needs Linux and a C compiler', whatHelps: 'apt-get install gcc libc6-dev' };
}

/** No space is left; now and then the coordinator is killed meanwhile and must start on a full disk. */
export const fullDisk: Fault = {
  name: 'disk-full',
  lane: 'coordinator',
  missing: withoutMount,
  strike: async (world, random) => {
    const { disk, log } = world;
    const lastsMs = random.integer(1_000, 2_200);
    const isKilled = random.chance(0.4);
    log(`the disk is full for ${String(lastsMs)} ms${killedText(isKilled)}`);
    const put = { wrong: () => disk.fill(), right: () => disk.free() };
    await during(world, put, { lastsMs, isKilled });
  },
};

/** The disk is mounted read-only when the coordinator starts; it must not serve, and must come up when it is writable. */
export const readOnlyAtStart: Fault = {
  name: 'disk-read-only',
  lane: 'coordinator',
  missing: withoutMount,
  strike: async ({ disk, coordinator, recoveries, log, pause }, random) => {
    const lastsMs = random.integer(900, 1_600);
    coordinator.allowEnds(true);
    coordinator.holdDown();
    recoveries.killed();
    await coordinator.kill();
    try {
      await disk.makeReadOnly();
      log(`the coordinator was killed and starts on a read-only disk, for ${String(lastsMs)} ms`);
      coordinator.release();
      await pause(lastsMs);
    } finally {
      await disk.makeWritable();
      coordinator.release();
      log('the disk is writable again');
    }
    await coordinator.untilServing();
    coordinator.allowEnds(false);
  },
};

/** Every write is refused with EROFS while the coordinator runs, as when a file system remounts itself after an error. */
export const turnsReadOnly: Fault = {
  name: 'disk-turns-read-only',
  lane: 'coordinator',
  missing: withoutLibrary,
  strike: (world, random) =>
    trouble(world, { writeFails: 'EROFS' }, { lastsMs: random.integer(800, 1_800), isKilled: random.chance(0.3) }),
};

/** Every sync takes long. */
export const slowSync: Fault = {
  name: 'slow-sync',
  lane: 'coordinator',
  missing: withoutLibrary,
  strike: (world, random) =>
    trouble(
      world,
      { syncDelayMs: random.integer(100, 900) },
      { lastsMs: random.integer(1_500, 2_500), isKilled: false },
    ),
};

/** Every sync fails: what was written may be on the disk, and may not. Half of the times the coordinator is killed too. */
export const failingSync: Fault = {
  name: 'failing-sync',
  lane: 'coordinator',
  missing: withoutLibrary,
  strike: (world, random) =>
    trouble(world, { syncFails: 'EIO' }, { lastsMs: random.integer(500, 1_200), isKilled: random.chance(0.5) }),
};

interface Course {
  readonly lastsMs: number;
  /** Half-way the coordinator is killed, and has to start with the disk as it is. */
  readonly isKilled: boolean;
}

function killedText(isKilled: boolean): string {
  return isKilled ? ', and the coordinator is killed meanwhile' : '';
}

async function trouble(world: World, what: DiskTrouble, course: Course): Promise<void> {
  world.log(`${JSON.stringify(what)} for ${String(course.lastsMs)} ms${killedText(course.isKilled)}`);
  const put = { wrong: () => world.syncFaults?.set(what), right: () => world.syncFaults?.set({}) };
  await during(world, put, course);
}

/** A coordinator that runs must bear it; only one that starts may end, since it cannot open its store. */
async function during(
  { coordinator, recoveries, log, pause }: World,
  put: { readonly wrong: () => void; readonly right: () => void },
  { lastsMs, isKilled }: Course,
): Promise<void> {
  try {
    put.wrong();
    await pause(lastsMs / 2);
    if (isKilled) {
      coordinator.allowEnds(true);
      recoveries.killed();
      await coordinator.kill();
    }
    await pause(lastsMs / 2);
  } finally {
    put.right();
    log('the disk works again');
  }
  await coordinator.untilServing();
  coordinator.allowEnds(false);
}
