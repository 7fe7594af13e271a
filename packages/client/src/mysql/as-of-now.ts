/**
 * Before a statement that must see what others have committed since its transaction took its snapshot.
 *
 * From 11.6.2 MariaDB refuses that by default (1020, innodb_snapshot_isolation) and rolls back all of the transaction, whose caller goes
 * on without one. Every other server takes this for a comment.
 */
export const asOfNow = '/*M!110602 set statement innodb_snapshot_isolation = 0 for */ ';
