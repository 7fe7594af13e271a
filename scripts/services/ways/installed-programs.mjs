import { expandFolders, folderWith, searchPath } from './find-programs.mjs';

/**
 * Programs that the machine already has.
 * @param {{ programs: readonly string[], usualFolders: readonly string[] }} wanted
 * @returns {Promise<import('../service.mjs').Programs>}
 */
export async function installedPrograms({ programs, usualFolders }) {
  const folder = folderWith([...usualFolders.flatMap(expandFolders), ...searchPath()], programs);
  if (folder === undefined) throw new Error(`${programs.join(', ')}: not in PATH nor in ${usualFolders.join(', ')}`);
  return { folder, libraryFolders: [], origin: folder };
}
