// Reads Vega-Lite specifications (a JSON list) from stdin, compiles and draws each, and prints what
// came of it: warnings, and how many marks stand in the picture.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const vega = await import(require.resolve('vega'));
const lite = await import(require.resolve('vega-lite'));

const done = [];
for (const spec of JSON.parse(readFileSync(0, 'utf8'))) {
  const warnings = [];
  const logger = { level: () => logger, error: (...w) => { warnings.push(w.join(' ')); return logger; },
    warn: (...w) => { warnings.push(w.join(' ')); return logger; }, info: () => logger, debug: () => logger };
  const { spec: compiled } = lite.compile(spec, { logger });
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger });
  await view.runAsync();
  const svg = await view.toSVG();
  done.push({ title: spec.title, warnings, marks: svg.split('role="graphics-symbol"').length - 1 });
}
process.stdout.write(JSON.stringify(done));
