// What the journeys share: a browser, and what must hold of every page that is looked at.
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The packages are those pinned in web/package.json, wherever this is called from.
const require = createRequire(join(dirname(fileURLToPath(import.meta.url)), '../../web/package.json'));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const WIDE = { width: 1100, height: 900 };
const NARROW = { width: 320, height: 640 };

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
}

/**
 * The design system's place to drop a file is a button named by its field's label and by what is on it;
 * the words on it are parts of several elements, which axe does not put together as a reader does.
 */
function known(id, node) {
  return id === 'label-content-name-mismatch' && node.html.includes('govuk-file-upload-button');
}

/** A page of this address, with script, to put other pages' content into. */
async function twin(browser, base) {
  const context = await browser.newContext({ viewport: WIDE });
  const page = await context.newPage();
  await page.goto(`${base}/erasure`);
  return page;
}

/** Somebody with a browser: goes through pages, and has each looked at. */
export class Visitor {
  static async arrive(browser, { base, out, script, problems }) {
    const visitor = new Visitor();
    Object.assign(visitor, { base, out, script, problems, seen: 0 });
    visitor.context = await browser.newContext({ viewport: WIDE, javaScriptEnabled: script });
    visitor.page = await visitor.context.newPage();
    visitor.reader = script ? visitor.page : await twin(browser, base);
    visitor.page.setDefaultTimeout(60_000);
    visitor.page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(base) && !url.startsWith('data:')) visitor.wrong('any page', `asked for ${url}`);
    });
    visitor.page.on('pageerror', (error) => visitor.wrong('script', error.message));
    visitor.page.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) visitor.wrong('policy', message.text());
    });
    await mkdir(out, { recursive: true });
    return visitor;
  }

  wrong(where, what) {
    this.problems.push(`${this.script ? 'with' : 'without'} script, ${where}: ${what}`);
  }

  expect(fine, where, what) {
    if (!fine) this.wrong(where, what);
  }

  async open(path) {
    return this.page.goto(this.base + path);
  }

  async sign_in({ email, password }) {
    await this.context.clearCookies();
    await this.open('/sign-in');
    await this.page.fill('#email', email);
    await this.page.fill('#password', password);
    await this.press_button();
  }

  /** The page's own button, not the one that signs out. */
  async press_button() {
    await this.page.click('main button[type=submit] >> nth=0');
    await this.page.waitForLoadState();
  }

  /** Looks at the page, wide and narrow. */
  async look(name) {
    this.seen += 1;
    const title = await this.page.title();
    this.expect(title.endsWith(' - Counterpart') && title.length > 16, name, `is titled ${title}`);
    this.expect(await this.page.locator('h1').count() === 1, name, 'has not one main heading');
    for (const size of [WIDE, NARROW]) {
      await this.page.setViewportSize(size);
      await this.reflows(name, size.width);
      await this.axe(name, size.width);
      const file = `${name}-${this.script ? 'script' : 'plain'}-${size.width}.png`;
      await this.page.screenshot({ path: join(this.out, file), fullPage: true });
    }
    await this.page.setViewportSize(WIDE);
  }

  async reflows(name, width) {
    const wide = await this.page.evaluate(() => {
      const room = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= room) return [];
      return [...document.body.querySelectorAll('*')]
        .filter((e) => e.getBoundingClientRect().right > room + 1)
        .map((e) => `${e.tagName.toLowerCase()}.${e.getAttribute('class') ?? ''}`)
        .concat('page');
    });
    const first = [...new Set(wide)].slice(0, 5).join(', ');
    this.expect(wide.length === 0, name, `scrolls sideways at ${width} px because of ${first}`);
  }

  async axe(name, width) {
    const { reader } = this;
    if (reader !== this.page) {
      // Without script nothing can be measured either: the same page, its scripts taken out, elsewhere.
      const page = await this.page.content();
      await reader.setViewportSize({ ...WIDE, width });
      await reader.setContent(page.replace(/<script[^>]*><\/script>/g, ''));
    }
    if (!await reader.evaluate(() => 'axe' in window)) await reader.evaluate(AXE);
    const { violations } = await reader.evaluate(
      (values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
    for (const { id, help, nodes: all } of violations) {
      const nodes = all.filter((node) => !known(id, node));
      if (nodes.length === 0) continue;
      const first = nodes[0].html.slice(0, 160);
      this.wrong(name, `${width} px: ${id}: ${help} (${nodes.length} places, first ${first})`);
    }
  }

  async leave() {
    await this.reader.context().close();
    if (this.reader !== this.page) await this.context.close();
  }

  /** By the keyboard alone, on to what fits; everything on the way must show that it has the focus. */
  async tab_to(selector, name) {
    for (let i = 0; i < 60; i += 1) {
      await this.page.keyboard.press('Tab');
      const there = await this.page.evaluate((wanted) => {
        const now = document.activeElement;
        // Of a group of radio buttons one has the focus: it is drawn on the round beside it.
        const drawn = [now, ...now.parentElement?.children ?? []].flatMap((e) =>
          [getComputedStyle(e), getComputedStyle(e, '::before')]);
        const shown = drawn.some((s) => s.outlineStyle !== 'none' || s.boxShadow !== 'none');
        return { arrived: now.matches(wanted), shown, what: now.outerHTML.slice(0, 120) };
      }, selector);
      this.expect(there.shown, name, `does not show that this has the focus: ${there.what}`);
      if (there.arrived) return;
    }
    this.wrong(name, `${selector} is not reached by the keyboard`);
  }
}
