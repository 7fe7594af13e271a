import { buildIfNeeded } from './build.mjs';
import { installIfNeeded } from './install.mjs';

/** Installs and builds what is missing; does nothing, in milliseconds, when all is there. Exits with a reason on failure. */
export async function prepareWorkspace() {
  try {
    await installIfNeeded();
    await buildIfNeeded();
  } catch (error) {
    console.error(`tandem: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
