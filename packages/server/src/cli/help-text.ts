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
  --status STATUS  --type TYPE  --gid-prefix PREFIX  --paused  --unfinished  --limit N  --position CURSOR

Exit codes: 0 done; 1 the server could not start, refused or could not be reached; 2 wrong usage.

Flags of start (each is an environment variable and a name in the YAML file too, see docs/configuration.md):
${flagsHelp()}`;
}
