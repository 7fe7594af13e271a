import { mysqlCrashCases } from './mysql-crash-cases.js';
import { mariadb } from './mysql-place.js';

mysqlCrashCases(mariadb);
