/** Makes the things happen that a draw has put at a time. */
import type { Gid } from '@tandem/protocol';
import type { Incident } from '../draw/draw.js';
import type { World } from '../world.js';

export function planIncidents(world: World): void {
  for (const incident of world.draw.incidents) {
    world.time.in(incident.at, () => {
      if (!world.isCalm) happen(world, incident);
    });
  }
}

function happen(world: World, incident: Incident): void {
  switch (incident.kind) {
    case 'crash':
      crash(world, incident);
      return;
    case 'stop':
      void stop(world, incident);
      return;
    case 'freeze':
      freeze(world, incident);
      return;
    case 'clockJump':
      jump(world, incident);
      return;
    case 'storeDown':
      storeDown(world, incident);
      return;
    case 'hostDown':
    case 'hostHangs':
      world.transcript.say('world', () => `h${String(incident.host)}: ${incident.kind} for ${String(incident.forMs)}`);
      world.hosts.change(incident.host, incident.kind, 1);
      world.time.in(incident.forMs, () => {
        world.hosts.change(incident.host, incident.kind, -1);
      });
      return;
    case 'operator':
      operate(world, incident);
      return;
    case 'topic':
      changeTopic(world, incident);
      return;
  }
}

type Of<Kind extends Incident['kind']> = Extract<Incident, { kind: Kind }>;

function crash(world: World, { node, steps, restartMs }: Of<'crash'>): void {
  const place = world.places[node];
  if (place?.node === undefined || !place.isUp) return;
  place.restartAfter(restartMs);
  place.node.process.crashAfter(steps);
}

async function stop(world: World, { node, graceMs }: Of<'stop'>): Promise<void> {
  const place = world.places[node];
  const running = place?.node;
  if (place === undefined || running === undefined || !place.isUp) return;
  world.tally.count('gracefulStop');
  const { process, coordinator } = running;
  world.transcript.say(process.name, () => `is asked to stop within ${String(graceMs)}`);
  await coordinator.close(graceMs);
  if (process.isDead) return;
  world.transcript.say(process.name, () => 'has stopped');
  process.kill();
  world.time.in(100, () => {
    place.start();
  });
}

function freeze(world: World, { node, forMs }: Of<'freeze'>): void {
  const process = world.places[node]?.node?.process;
  if (process === undefined || process.isDead || process.isFrozen) return;
  world.tally.count(forMs > world.draw.policy.leaseMs ? 'freezeBeyondLease' : 'freeze');
  world.transcript.say(process.name, () => `is frozen for ${String(forMs)}`);
  process.freeze(forMs);
}

function jump(world: World, { node, byMs }: Of<'clockJump'>): void {
  const place = world.places[node];
  if (place === undefined) return;
  const { skewMs } = world.draw.policy;
  const reached = place.offsetMs + byMs;
  const isAllowed = Math.abs(byMs) <= skewMs;
  // What is meant to stay within the allowance does.
  place.jump(isAllowed ? Math.min(Math.max(reached, 0), skewMs) - place.offsetMs : byMs);
  world.tally.count('clockJump');
  world.transcript.say('world', () => `the clock of place ${String(node + 1)} jumps to ${String(place.offsetMs)}`);
  if (isAllowed) return;
  world.tally.count('clockBeyondAllowance');
  world.calls.areClocksTrusted = false;
}

function storeDown(world: World, { node, forMs }: Of<'storeDown'>): void {
  const stores = world.places
    .filter(({ index }) => node === 'all' || index === node)
    .flatMap((place) => (place.node === undefined ? [] : [place.node.store]));
  world.tally.count('storeDown');
  world.transcript.say('world', () => `the store is away for ${String(node)} for ${String(forMs)}`);
  for (const store of stores) store.isUnavailable = true;
  world.time.in(forMs, () => {
    for (const store of stores) store.isUnavailable = false;
  });
}

function operate(world: World, { node, gid, verb }: Of<'operator'>): void {
  const id = gid as Gid;
  if (gid === '' && verb !== 'wakeAll') return;
  if (verb !== 'look') world.tally.count(verb);
  world.doors.ask(
    { place: node, verb, gid, note: '' },
    async (coordinator) => {
      switch (verb) {
        case 'pause':
          return coordinator.pause(id, 'an operator');
        case 'resume':
          return coordinator.resume(id);
        case 'retryNow':
          return coordinator.retryNow(id);
        case 'forceStop':
          return coordinator.forceStop(id, 'an operator');
        case 'wakeAll':
          return coordinator.wakeAll(0, 100);
        case 'look':
          await coordinator.list({ isFinished: false }, undefined, 10);
          await coordinator.query(id);
          return undefined;
      }
    },
    () => undefined,
  );
}

function changeTopic(world: World, { node, topic, host, verb }: Of<'topic'>): void {
  world.tally.count('topicChanged');
  const url = `http://h${String(host)}/act`;
  world.doors.ask(
    { place: node, verb, gid: `topic ${topic}`, note: url },
    async (coordinator) => {
      switch (verb) {
        case 'subscribe':
          return coordinator.subscribe(topic, url, '');
        case 'unsubscribe':
          return coordinator.unsubscribe(topic, url);
        case 'delete':
          return coordinator.deleteTopic(topic);
      }
    },
    () => undefined,
  );
}
