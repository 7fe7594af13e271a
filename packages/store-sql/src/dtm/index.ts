export type { DtmBranch, DtmKeyValue, DtmPage, DtmTables, DtmTransaction } from './dtm-tables.js';
export { openMysqlDtm } from './open-mysql-dtm.js';
export { openPostgresDtm } from './open-postgres-dtm.js';
