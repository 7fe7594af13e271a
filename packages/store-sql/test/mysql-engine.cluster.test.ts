/** MySQL itself, by what `npm test` does with MariaDB beside the contract. */
import { mysqlCrashCases } from './mysql-crash-cases.js';
import { mysqlFaultCases } from './mysql-fault-cases.js';
import { mysql } from './mysql-place.js';
import { mysqlSettingsCases } from './mysql-settings-cases.js';

mysqlFaultCases(mysql);
mysqlCrashCases(mysql);
mysqlSettingsCases(mysql);
