import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * MongoDB's wire: no mongod can be had from a package registry, FerretDB can be built from one. See ferretdb/gate.go.
 * @type {import('./service.mjs').Service}
 */
export const ferretdb = {
  name: 'ferretdb',
  title: 'FerretDB (MongoDB)',
  urlVariable: 'TANDEM_TEST_MONGO_URL',
  // Built, it may lie where another account cannot read; and it does not mind being root.
  accountName: undefined,
  // Not FerretDB's own name: it takes other arguments.
  programs: ['tandem-ferretdb'],
  usualFolders: [],
  npmPackage: undefined,
  debian: undefined,
  goModule: fileURLToPath(new URL('./ferretdb', import.meta.url)),
  composeName: 'mongo',
  composeUrl: 'mongodb://127.0.0.1:37099/?directConnection=true',

  async prepare({ programs, dataFolder, port }) {
    return {
      command: join(programs.folder, 'tandem-ferretdb'),
      args: [String(port), dataFolder],
      url: `mongodb://127.0.0.1:${port}/`,
      stopSignal: 'SIGTERM',
    };
  },
};
