import { styleText } from 'node:util';

export type Style = 'bold' | 'green' | 'red' | 'yellow';

/** Tells an example on the terminal, and remembers whether anything was not as it should be. */
export class Narrator {
  #isRight = true;

  get isRight(): boolean {
    return this.#isRight;
  }

  heading(text: string): void {
    console.log(`\n${styled('bold', text)}`);
  }

  line(text: string): void {
    console.log(`  ${text}`);
  }

  /** Says whether it is so; once it is not, the example has failed. */
  check(text: string, isSo: boolean): void {
    this.#isRight &&= isSo;
    this.line(isSo ? styled('green', `✔ ${text}`) : styled('red', `✘ NOT SO: ${text}`));
  }
}

/** Plain where the output is no terminal, or colours are not wanted. */
export function styled(style: Style, text: string): string {
  const isPlain = !process.stdout.isTTY || process.env['NO_COLOR'] !== undefined;
  return isPlain ? text : styleText(style, text);
}
