/**
 * What a real service is to the scripts: one file each in this folder, listed in catalogue.mjs. Types only.
 *
 * @typedef {object} Programs programs of one service, found or fetched
 * @property {string} folder where they lie
 * @property {readonly string[]} libraryFolders searched first for shared libraries
 * @property {string} origin told to a person
 *
 * @typedef {object} Account
 * @property {number} uid
 * @property {number} gid
 *
 * @typedef {object} Place where one run of a service lives
 * @property {Programs} programs
 * @property {string} dataFolder empty, belongs to the account, deleted afterwards
 * @property {number} port free, on the loopback interface
 * @property {Account | undefined} account who the programs run as, where that is another than this process
 * @property {NodeJS.ProcessEnv} env for the programs
 *
 * @typedef {object} Launch
 * @property {string} command
 * @property {readonly string[]} args
 * @property {string} url what the tests are given
 * @property {NodeJS.Signals} stopSignal ends it quickly and in order
 *
 * @typedef {object} Service
 * @property {string} name on the command line
 * @property {string} title for people
 * @property {string} urlVariable the environment variable that hands its URL to the tests
 * @property {string | undefined} accountName the account that its Debian package would run it as; undefined: root may run it
 * @property {readonly string[]} programs all that must be in one folder
 * @property {readonly string[]} usualFolders where distributions put them, beside PATH; `*` stands for one name
 * @property {{ specification: string, folder: string } | undefined} npmPackage whose files hold the programs, for this platform
 * @property {readonly string[]} [notBeside] where one of these lies too, the programs are another product's
 * @property {{ packages: readonly string[], suite?: string, follow: RegExp, leaveOut: RegExp } | undefined} debian
 *   `follow`: dependencies that hold the programs themselves; `leaveOut`: dependencies that a test does not need; `suite`: of Debian,
 *   whichever the machine is of: its programs run with its own libraries, and are never installed
 * @property {string} [goModule] folder of a Go module that is built into its program
 * @property {string | undefined} composeName its name in compose.yaml
 * @property {string | undefined} composeUrl
 * @property {(place: Place) => Promise<Launch>} prepare makes the data folder ready, answers how to start
 */

export {};
