import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder, whatever the current directory is. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
