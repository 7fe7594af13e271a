import type { VirtualTime } from '@tandem/coordinator/virtual-time';

/** What happened, line by line, for people. Off by default: text costs more than all else. */
export class Transcript {
  readonly isOn: boolean;
  readonly lines: string[] = [];
  readonly #time: VirtualTime;

  constructor(time: VirtualTime, isOn: boolean) {
    this.#time = time;
    this.isOn = isOn;
  }

  /** `text` is only asked for when somebody will read it. */
  say(who: string, text: () => string): void {
    if (this.isOn) this.lines.push(`${String(this.#time.now).padStart(7)}  ${who.padEnd(8)} ${text()}`);
  }
}
