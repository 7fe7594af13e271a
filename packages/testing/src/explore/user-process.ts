/** The user's process over its starts: `start` again after each crash, and `run` again where it may be repeated. */
import { CoordinatorUnreachable, TransactionOngoing } from '@tandem/client';
import { Place } from '../world/place.js';
import { Stopped } from '../world/user-code.js';
import type { World } from '../world/world.js';
import type { ExploreOptions, ProcessSurroundings } from './explore-options.js';
import { surroundingsOf } from './surroundings.js';

/** How `run` ended the last time. */
export type Ran<Value> =
  | { readonly kind: 'returned'; readonly value: Value }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'died' };

const downMs = 1_000;
const repeatAfterMs = 10_000;
const repeatsMax = 5;

export class UserProcess<State, App, Value> {
  readonly #world: World;
  readonly #options: ExploreOptions<State, App, Value>;
  readonly #state: State;
  #place = new Place('the process', { canDie: true });
  #ran: Ran<Value> | undefined;
  #repeats = 0;
  #process: ProcessSurroundings<App> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(world: World, options: ExploreOptions<State, App, Value>, state: State) {
    this.#world = world;
    this.#options = options;
    this.#state = state;
    world.processDied = (_, repeats) => {
      this.#died(repeats);
    };
  }

  /** How `run` ended; undefined: it has not. Throws what `start` threw. */
  get ran(): Ran<Value> | undefined {
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#process === undefined ? undefined : this.#ran;
  }

  async start(): Promise<void> {
    const place = new Place('the process', { canDie: true });
    const surroundings = surroundingsOf(this.#world, place);
    const app = await this.#world.code.run(
      'start',
      place,
      () => this.#options.start?.(surroundings, this.#state) as App,
    );
    this.#process = { ...surroundings, app };
    this.#place = place;
  }

  /** Calls the code; how it ended is told by `ran`. */
  run(): void {
    const process = this.#process;
    if (process === undefined) return;
    this.#ran = undefined;
    const { code, story } = this.#world;
    code
      .run('run', this.#place, () => this.#options.run(process, this.#state))
      .then(
        (value) => {
          story.tell(`run returned ${textOf(value)}`);
          this.#ran = { kind: 'returned', value };
        },
        (error: unknown) => {
          if (error instanceof Stopped) return;
          story.tell(`run threw ${String(error)}`);
          if (error instanceof CoordinatorUnreachable && this.#mayRepeat())
            void this.#world.sleep(repeatAfterMs).then(() => this.run());
          else this.#ran = { kind: 'threw', error };
        },
      );
  }

  /** When all has ended: asks again how, where `run` could not wait for it. Answers whether it does. */
  asksAgain(): boolean {
    const isOpen = this.#ran?.kind === 'threw' && this.#ran.error instanceof TransactionOngoing;
    if (!isOpen || !this.#mayRepeat()) return false;
    this.run();
    return true;
  }

  #mayRepeat(): boolean {
    if (this.#options.repeat !== true || this.#repeats >= repeatsMax) return false;
    this.#repeats += 1;
    return true;
  }

  #died(repeats: boolean): void {
    const { story } = this.#world;
    this.#process = undefined;
    this.#ran ??= { kind: 'died' };
    this.#world.time.in(downMs, () => {
      this.start().then(
        () => {
          story.tell(`the process starts again${repeats ? ', and runs the code again' : ''}`);
          if (repeats) this.run();
        },
        (error: unknown) => (this.#failure = { error }),
      );
    });
  }
}

function textOf(value: unknown): string {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text?.slice(0, 200) ?? 'nothing';
  } catch {
    return String(value);
  }
}
