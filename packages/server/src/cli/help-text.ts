import { statusNames, typeNames } from '../http/transaction-names.js';
import { flagsHelp } from '../config/config-reference.js';

/** What `tandem help` prints. */
export function helpText(): string {
  return `tandem: a distributed transaction manager

Usage:
  tandem start [flags]          run the server
  tandem tx list [filters]      list transactions, newest first
  tandem tx show GID            one transaction with its branches
  tandem tx retry GID           call its waiting branches now
  tandem tx pause GID [REASON]  start no further call until it is resumed
  tandem tx resume GID          go on with a paused transaction
  tandem tx stop GID [REASON]   end it as failed WITHOUT compensating anything
  tandem nodes                  list the nodes on the server's store
  tandem store copy --from URL --to URL
                                copy a store, or a DTM server's database, to another store
  tandem store check URL        what a store holds, and who is at work on it
  tandem store unmark URL       let nodes start again on a store that was moved or half copied
  tandem --version
  tandem help

Flags of tx and nodes:
  --server URL                  the server (TANDEM_SERVER), default http://127.0.0.1:36789
  --json                        print the server's JSON
Filters of tx list:
  --status STATUS               ${statusNames.join(', ')}
  --type TYPE                   ${typeNames.join(', ')}
  --gid-prefix TEXT             gids that begin with it
  --paused, --unfinished        those alone
  --limit N, --position CURSOR  a page; the one before it tells the position

Flags of store copy (docs/stores tells how to move):
  --from URL, --to URL          as --store of start, or TANDEM_STORE_FROM and TANDEM_STORE_TO; from DTM:
                                dtm+mysql://user:password@host/dtm, dtm+postgres://...
  --finished-only               leave the unfinished ones: for a source that is in use
  --dry-run                     count, and write nothing

Exit codes: 0 done; 1 the server could not start, refused or could not be reached;
            2 wrong usage, or a setting that is wrong.

Flags of start. Each is an environment variable too, and a name in the YAML file that --config
names; docs/configuration.md lists those. Times are in seconds. Start stops on Ctrl-C or SIGTERM.
${flagsHelp()}`;
}
