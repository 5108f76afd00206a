// Opens a report page in Chromium, wide and narrow, and checks what a reader depends on:
// accessibility (axe, WCAG 2.2 AA), no sideways scrolling at 320 px, nothing loaded from elsewhere.
//
//   node tests/browser/report.mjs REPORT.html OUTDIR      exit 0: all well, 1: something is not, 2: not understood
//
// Screenshots go to OUTDIR. The browser is CHROMIUM or /usr/bin/chromium.
import { createRequire } from 'node:module';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// The packages are those pinned in web/package.json, wherever this is called from.
const require = createRequire(join(dirname(fileURLToPath(import.meta.url)), '../../web/package.json'));
const { chromium } = require('playwright-core');
const axe = require.resolve('axe-core/axe.min.js');

const [page_path, out_dir] = process.argv.slice(2);
if (!page_path || !out_dir) {
  console.error('usage: node tests/browser/report.mjs REPORT.html OUTDIR');
  process.exit(2);
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const WIDTHS = [1280, 320];
const address = pathToFileURL(resolve(page_path)).href;
const problems = [];

await mkdir(out_dir, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--no-first-run'],
});
try {
  for (const width of WIDTHS) {
    await check(width);
  }
} finally {
  await browser.close();
}

if (problems.length > 0) {
  console.error(problems.join('\n'));
  console.error(`${problems.length} problem(s) in ${page_path}`);
  process.exit(1);
}
console.log(`ok: ${page_path} at ${WIDTHS.join(' and ')} px`);

async function check(width) {
  // The page forbids scripts; axe is one, and is let in for the test only.
  const context = await browser.newContext({ viewport: { width, height: 900 }, bypassCSP: true });
  const page = await context.newPage();
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:')) {
      problems.push(`${width} px: the page asked for ${request.url()}`);
    }
  });
  page.on('pageerror', (error) => problems.push(`${width} px: ${error.message}`));
  await page.goto(address);
  await shoot(page, width, 'as-opened');
  await reflow(page, width, 'as opened');
  await axe_rules(page, width, 'as opened');
  // Closed parts are not judged: open all and look again.
  await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
  await shoot(page, width, 'all-open');
  await reflow(page, width, 'all open');
  await axe_rules(page, width, 'all open');
  await context.close();
}

async function shoot(page, width, state) {
  const name = `${basename(page_path, '.html')}-${width}-${state}.png`;
  await page.screenshot({ path: join(out_dir, name), fullPage: true });
}

async function reflow(page, width, state) {
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const inside = (e) => e.closest('.table') !== null && !e.matches('.table');
    return [...document.body.querySelectorAll('*')]
      .filter((e) => e.getBoundingClientRect().right > room + 1 && !inside(e))
      .map((e) => `${e.tagName.toLowerCase()}.${e.getAttribute('class') ?? ''}`)
      .concat('page');
  });
  if (wide.length > 0) {
    problems.push(`${width} px, ${state}: scrolls sideways because of ${[...new Set(wide)].slice(0, 5).join(', ')}`);
  }
}

async function axe_rules(page, width, state) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate(
    (values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
  for (const { id, help, nodes } of violations) {
    problems.push(`${width} px, ${state}: ${id}: ${help} (${nodes.length} places, first ${nodes[0].html.slice(0, 160)})`);
  }
}
