/**
 * " (did you mean NAME?)" with the known name closest to a mistyped one, or nothing where none is close. One letter off counts
 * most, then a name that has it among its words (`port`: `http-port`), then what is a few letters off.
 */
export function suggestion(wrong: string, known: Iterable<string>): string {
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = distanceOf(wrong, name);
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  if (best === undefined || best.distance > Math.max(2, wrong.length / 3)) return '';
  return ` (did you mean ${best.name}?)`;
}

const asItsWords = 1.5;

function distanceOf(wrong: string, name: string): number {
  const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
  return distance > asItsWords && wordsOf(name).includes(wordsOf(wrong)) ? asItsWords : distance;
}

/** `--http-port` and `HttpPort`: `-http-port-`. */
function wordsOf(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-.]/);
  return `-${words.filter((word) => word !== '').join('-')}-`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
