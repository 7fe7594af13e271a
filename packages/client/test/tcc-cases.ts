import { newGid, type Client } from '@tandem/client';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { StartClient } from './client-at.js';
import { startSeatService, type SeatService } from './seat-service.js';

/** What a TCC must do with any coordinator that speaks DTM's wire. */
export function tccCases(start: StartClient): void {
  describe('a TCC', () => {
    let tandem: Client;
    let service: SeatService;
    beforeAll(async () => {
      const running = await start();
      tandem = running.tandem;
      return () => running.close();
    });
    beforeEach(async () => {
      service = await startSeatService(tandem);
      return () => service.close();
    });

    const at = (seat: string, how?: string) => {
      const url = `${service.url}/seat`;
      return { try: url, confirm: url, cancel: url, payload: { seat, ...(how !== undefined && { how }) } };
    };
    const statusOf = async (gid: string): Promise<string | undefined> => (await tandem.query(gid))?.status;

    test('is confirmed when its code returns, with what the tries answered', async () => {
      const gid = newGid();
      const seats = await tandem.tcc({ gid, waitResult: true, branchHeaders: { 'x-tenant': 'north' } }, async (tcc) => {
        const first = await tcc.branch<{ held: string; tenant: string }>('first', at('1A'));
        const second = await tcc.branch('second', { ...at('1B'), result: z.object({ held: z.string() }) });
        return [first, second.held];
      });
      expect(seats).toEqual([{ held: '1A', tenant: 'north' }, '1B']);
      expect(service.calls).toEqual(['try 01 1A', 'try 02 1B', 'confirm 02 1B', 'confirm 01 1A']);
      expect(await statusOf(gid)).toBe('succeed');
    });

    test('is cancelled when a try refuses, the refused one included, and the reason reaches the caller', async () => {
      const gid = newGid();
      const done = tandem.tcc({ gid }, async (tcc) => {
        await tcc.branch('first', at('1A'));
        await tcc.branch('second', at('1B', 'refuse'));
        await tcc.branch('third', at('1C'));
      });
      await expect(done).rejects.toMatchObject({
        code: 'TRANSACTION_FAILED',
        gid,
        reason: 'branch "second": 1B is taken',
      });
      await expect.poll(() => statusOf(gid)).toBe('failed');
      expect(service.calls).toEqual(['try 01 1A', 'try 02 1B', 'cancel 02 1B', 'cancel 01 1A']);
    });

    test('begun once more when it was given up, has failed, for the same reason, and calls nobody', async () => {
      const gid = newGid();
      const book = () => tandem.tcc({ gid }, (tcc) => tcc.branch('first', at('1A', 'refuse')));
      await expect(book()).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
      await expect.poll(() => statusOf(gid)).toBe('failed');
      const calls = service.calls.length;
      await expect(book()).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', gid, reason: /1A is taken/ });
      expect(service.calls).toHaveLength(calls);
    });

    test('is cancelled when a try gives no clear answer, and says so', async () => {
      const gid = newGid();
      const done = tandem.tcc({ gid }, (tcc) => tcc.branch('first', at('1A', 'break')));
      await expect(done).rejects.toMatchObject({ code: 'BRANCH_UNCLEAR', gid });
      await expect.poll(() => statusOf(gid)).toBe('failed');
      expect(service.calls.at(-1)).toBe('cancel 01 1A');
    });

    test('is cancelled when its code throws, and throws the same', async () => {
      const gid = newGid();
      const defect = new TypeError('undefined is not a function');
      const done = tandem.tcc({ gid }, async (tcc) => {
        await tcc.branch('first', at('1A'));
        throw defect;
      });
      await expect(done).rejects.toBe(defect);
      await expect.poll(() => statusOf(gid)).toBe('failed');
    });

    test('a branch that failed is never confirmed, though its error was caught', async () => {
      const gid = newGid();
      const done = tandem.tcc({ gid }, async (tcc) => {
        await tcc.branch('first', at('1A', 'refuse')).catch(() => undefined);
      });
      await expect(done).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
      await expect.poll(() => statusOf(gid)).toBe('failed');
      expect(service.calls).not.toContain('confirm 01 1A');
    });

    test('waits for a branch that its code did not wait for', async () => {
      const gid = newGid();
      const done = tandem.tcc({ gid, waitResult: true }, async (tcc) => {
        void tcc.branch('first', at('1A', 'refuse')).catch(() => undefined);
        await tcc.branch('second', at('1B'));
      });
      await expect(done).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
    });

    test('branches side by side are counted as they are written', async () => {
      await tandem.tcc({ waitResult: true }, (tcc) =>
        Promise.all(['1A', '1B', '1C'].map((seat) => tcc.branch(seat, at(seat)))),
      );
      expect(service.calls.filter((call) => call.startsWith('try')).sort()).toEqual([
        'try 01 1A',
        'try 02 1B',
        'try 03 1C',
      ]);
    });

    test('a branch inside the try of another is confirmed before it', async () => {
      const url = `${service.url}/nesting`;
      await tandem.tcc({ waitResult: true }, (tcc) =>
        tcc.branch('outer', { try: url, confirm: url, cancel: url, payload: { seat: 'outer' } }),
      );
      expect(service.calls).toEqual(['try 01 outer', 'try 0101 inner', 'confirm 0101 inner', 'confirm 01 outer']);
    });

    test('more than 99 branches have ids that no other is nested in', async () => {
      await tandem.tcc(async (tcc) => {
        for (let count = 1; count <= 101; count += 1) await tcc.branch(String(count), { ...at('1A'), confirm: null });
      });
      expect(service.calls.slice(-3)).toEqual(['try 99 1A', 'try a100 1A', 'try a101 1A']);
    });

    test('an undecided one is cancelled when its time is over', async () => {
      const gid = newGid();
      let end: () => void = () => undefined;
      const undecided = tandem.tcc({ gid, timeoutToFail: '1s' }, async (tcc) => {
        await tcc.branch('first', at('1A'));
        await new Promise<void>((resolve) => (end = resolve));
      });
      undecided.catch(() => undefined);
      await expect.poll(() => statusOf(gid), { interval: 100 }).toBe('failed');
      end();
      await expect(undecided).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', gid });
    });
  });
}
