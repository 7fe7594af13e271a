// #region embedded
import { branchHandler, createClient } from '@tandem/client';
import { embedded, fetchCaller, localFetch } from '@tandem/client/embedded';
import { Coordinator } from '@tandem/coordinator';
import { MemoryStore } from '@tandem/store';

const greet = branchHandler<{ name: string }>(({ payload }) => console.info(`hello ${payload.name}`));

const caller = fetchCaller({ fetch: localFetch({ 'http://here/greet': greet }) });
export const coordinator = new Coordinator({ store: new MemoryStore(), caller });
await coordinator.start();
const tandem = createClient({ coordinator: embedded(coordinator) });

export const greeted = await tandem.message().add('http://here/greet', { name: 'ann' }).submit({ waitResult: true });
// #endregion
