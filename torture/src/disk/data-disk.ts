/**
 * The coordinator's disk: a small file system in memory of its own, which can be filled and made read-only. It lives in
 * the run's own mount namespace, so that it is gone with the run, however that ends.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = 'tandem-torture';
const fillingName = 'filling';
const remountTries = 400;

/** See the file head. */
export class DataDisk {
  /** Where the coordinator keeps its data. */
  readonly folder: string;
  /** False: `folder` is an ordinary one, and the faults of this disk cannot be had. */
  readonly isMounted: boolean;
  readonly #mountPoint: string;

  private constructor(mountPoint: string, isMounted: boolean) {
    this.#mountPoint = mountPoint;
    this.folder = join(mountPoint, 'data');
    this.isMounted = isMounted;
    mkdirSync(this.folder, { recursive: true });
  }

  /** `mayMount`: this process is in a mount namespace of its own. */
  static async open(mountPoint: string, sizeMiB: number, mayMount: boolean): Promise<DataDisk> {
    mkdirSync(mountPoint, { recursive: true });
    if (!mayMount) return new DataDisk(mountPoint, false);
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${String(sizeMiB)}m`, source, mountPoint]);
      return new DataDisk(mountPoint, true);
    } catch {
      return new DataDisk(mountPoint, false);
    }
  }

  /** Writes until not one page more goes onto the disk. */
  fill(): void {
    const file = openSync(join(this.#mountPoint, fillingName), 'a');
    try {
      for (const size of [1 << 20, 1 << 12]) writeUntilFull(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(join(this.#mountPoint, fillingName), { force: true });
  }

  /** No process may have a file of this disk open for writing. */
  async makeReadOnly(): Promise<void> {
    await this.#remount('ro');
  }

  async makeWritable(): Promise<void> {
    await this.#remount('rw');
  }

  async close(): Promise<void> {
    if (this.isMounted) await run('umount', ['-l', this.#mountPoint]);
  }

  /** A process that was just killed may hold its files for another moment. */
  async #remount(mode: 'ro' | 'rw'): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        // With its source named too, `mount` passes no options on that it has read: some are not valid in a user namespace.
        await run('mount', ['-t', 'tmpfs', '-o', `remount,${mode}`, source, this.#mountPoint]);
        return;
      } catch (error) {
        if (tries >= remountTries) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

function writeUntilFull(file: number, bytes: Buffer): void {
  try {
    for (;;) writeSync(file, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
