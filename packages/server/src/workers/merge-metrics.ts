interface Family {
  readonly head: string[];
  readonly samples: string[];
}

/**
 * The metrics of several workers as one text in Prometheus' format: each sample with the worker's number as a label, those of one
 * name together. Sums over the label are what one process would have counted.
 */
export function mergeMetrics(texts: ReadonlyMap<number, string>): string {
  const families = new Map<string, Family>();
  for (const [worker, text] of texts) {
    let family: Family = { head: [], samples: [] };
    for (const line of text.split('\n')) {
      const named = /^# (HELP|TYPE) (\S+)/.exec(line);
      if (named !== null) {
        const name = named[2] ?? '';
        family = families.get(name) ?? { head: [], samples: [] };
        families.set(name, family);
        if (!family.head.includes(line)) family.head.push(line);
      } else if (line !== '') family.samples.push(labelled(line, worker));
    }
  }
  return [...families.values()].map(({ head, samples }) => [...head, ...samples, ''].join('\n')).join('');
}

function labelled(sample: string, worker: number): string {
  const label = `worker="${String(worker)}"`;
  const name = /^[^{\s]+/.exec(sample)?.[0] ?? '';
  const rest = sample.slice(name.length);
  return rest.startsWith('{') ? `${name}{${label},${rest.slice(1)}` : `${name}{${label}}${rest}`;
}
