import type { ExampleProcess, StartProcess } from './child-process.js';

export interface ServiceCommand {
  /** The program. Default: this Node, and then the first argument is its script. */
  readonly file?: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a service; resolves when it has said on which port it serves: `{"port":8083}`, a line of standard output. */
export async function startService(start: StartProcess, command: ServiceCommand): Promise<ExampleProcess> {
  let serves: () => void = () => undefined;
  const isServing = new Promise<void>((resolve) => (serves = resolve));
  const child = start({
    ...command,
    onLine: (line) => {
      if (line.startsWith('{"port"')) serves();
    },
  });
  await child.until('it served', isServing);
  return child;
}
