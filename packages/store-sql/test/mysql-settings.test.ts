import { mariadb } from './mysql-place.js';
import { mysqlSettingsCases } from './mysql-settings-cases.js';

mysqlSettingsCases(mariadb);
