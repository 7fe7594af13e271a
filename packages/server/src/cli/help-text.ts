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
  tandem --version
  tandem help

Flags of tx:
  --server URL                  the server (TANDEM_SERVER), default http://127.0.0.1:36789
  --json                        print the server's JSON
Filters of tx list:
  --status STATUS               ${statusNames.join(', ')}
  --type TYPE                   ${typeNames.join(', ')}
  --gid-prefix TEXT             gids that begin with it
  --paused, --unfinished        those alone
  --limit N, --position CURSOR  a page; the one before it tells the position

Exit codes: 0 done; 1 the server could not start, refused or could not be reached;
            2 wrong usage, or a setting that is wrong.

Flags of start. Each is an environment variable too, and a name in the YAML file that --config
names; docs/configuration.md lists those. Times are in seconds. Start stops on Ctrl-C or SIGTERM.
${flagsHelp()}`;
}
