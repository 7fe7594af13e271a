/**
 * Slow syncs, failing syncs and refused writes of one process, by a small library that is loaded into it before all
 * others. It needs a C compiler and a dynamic linker that knows LD_PRELOAD, no root and no tracing of processes (which
 * containers forbid), and can be turned on and off while the process runs, which `strace` and `dm-delay` cannot.
 */
import { execFile } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What the disk does; what is left out is as usual. */
export interface DiskTrouble {
  readonly syncDelayMs?: number;
  readonly syncFails?: 'EIO';
  readonly writeFails?: 'EROFS' | 'EIO';
}

const source = fileURLToPath(new URL('../../native/disk-faults.c', import.meta.url));
const controlBytes = 12;

/** See the file head. */
export class SyncFaults {
  /** What the process needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly #controlPath: string;

  private constructor(library: string, controlPath: string, dataFolder: string) {
    this.#controlPath = controlPath;
    this.env = { LD_PRELOAD: library, TORTURE_DISK_CONTROL: controlPath, TORTURE_DISK_FOLDER: dataFolder };
    writeFileSync(controlPath, Buffer.alloc(controlBytes));
  }

  /** Undefined where it cannot be had: not Linux, or no C compiler. */
  static async open(folder: string, dataFolder: string): Promise<SyncFaults | undefined> {
    if (process.platform !== 'linux') return undefined;
    const library = join(folder, 'disk-faults.so');
    for (const compiler of ['cc', 'gcc', 'clang']) {
      try {
        await promisify(execFile)(compiler, ['-shared', '-fPIC', '-O1', '-o', library, source]);
        return new SyncFaults(library, join(folder, 'disk-faults.control'), dataFolder);
      } catch {
        continue;
      }
    }
    return undefined;
  }

  /** `{}`: all is well again. */
  set({ syncDelayMs = 0, syncFails, writeFails }: DiskTrouble): void {
    const control = Buffer.alloc(controlBytes);
    control.writeInt32LE(syncDelayMs, 0);
    control.writeInt32LE(syncFails === undefined ? 0 : constants.errno[syncFails], 4);
    control.writeInt32LE(writeFails === undefined ? 0 : constants.errno[writeFails], 8);
    // In place: another file under the same name would not be the one that is mapped.
    const file = openSync(this.#controlPath, 'r+');
    writeSync(file, control, 0, controlBytes, 0);
    closeSync(file);
  }
}
