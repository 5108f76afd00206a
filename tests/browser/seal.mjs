// Hands a list in as the portal's page does: sealed by web/dist/seal.js, sent with fetch.
//
//   node tests/browser/seal.mjs node|chromium|plain SERVICE PROGRAMME LIST SEEN     with the token in TOKEN
//
// `node` seals here; `chromium` seals on a page of this script's own server, which passes /api on to
// the service; `plain` is the same page without sealing. Prints the service's answer and the salt that
// came with the key, as JSON. SEEN gets every byte that went through the server to the service.
import { createRequire } from 'node:module';
import { createServer, request } from 'node:http';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = join(dirname(fileURLToPath(import.meta.url)), '../../web');
const bundle = join(web, 'dist/seal.js');
const [how, service, programme, list, seen_path] = process.argv.slice(2);
const token = process.env.TOKEN;
if (!seen_path || !token) {
  console.error('usage: TOKEN=... node tests/browser/seal.mjs node|chromium|plain SERVICE PROGRAMME LIST SEEN');
  process.exit(2);
}

const answer = how === 'node' ? await by_node() : await by_chromium(how === 'chromium');
console.log(JSON.stringify(answer));

async function by_node() {
  const { seal } = await import(bundle);
  return hand_in(seal, new Blob([await readFile(list)]), { origin: service, token, programme });
}

// Runs in node and, as its own text, on the page.
async function hand_in(seal, file, { origin, token, programme }) {
  const headers = { Authorization: `Bearer ${token}` };
  const form = new FormData();
  form.append('study', 'reoffending');
  form.append('programme', programme);
  let salt;
  if (seal) {
    const asked = await fetch(`${origin}/api/v1/sealed-uploads`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ study: 'reoffending', programme }),
    });
    if (asked.status !== 201) throw new Error(`no key: ${asked.status}`);
    const key = await asked.json();
    salt = key.salt;
    form.append('sealed', key.id);
    form.append('file', await seal(file, key), 'list');
  } else {
    form.append('file', file, 'list');
  }
  const sent = await fetch(`${origin}/api/v1/submissions`, {
    method: 'POST',
    headers: { ...headers, 'Idempotency-Key': crypto.randomUUID() },
    body: form,
  });
  return { status: sent.status, key_salt: salt, ...(await sent.json()) };
}

async function by_chromium(sealed) {
  const require = createRequire(join(web, 'package.json'));
  const { chromium } = require('playwright-core');
  const seen = [];
  const server = await serve(seen);
  const origin = `http://localhost:${server.address().port}`;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => { throw error; });
    await page.goto(`${origin}/`);
    await page.setInputFiles('#list', resolve(list));
    return await page.evaluate(async ({ hand_in, sealed, token, programme }) => {
      const { canSeal, seal } = await import('/seal.js');
      if (!canSeal()) throw new Error('no WebCrypto on this page');
      const [file] = document.querySelector('#list').files;
      const run = (0, eval)(`(${hand_in})`);
      return run(sealed ? seal : undefined, file, { origin: '', token, programme });
    }, { hand_in: hand_in.toString(), sealed, token, programme });
  } finally {
    await browser.close();
    server.close();
    await writeFile(seen_path, Buffer.concat(seen));
  }
}

// A page and the bundle, with the rest passed on to the service.
async function serve(seen) {
  const script = await readFile(bundle);
  const page = '<!doctype html><html lang="en"><title>list</title><label>List <input type="file" id="list"></label></html>';
  const server = createServer((asked, answer) => {
    if (asked.url === '/') {
      // As strict as the service's own pages; the test's evaluation needs eval.
      answer.setHeader('Content-Security-Policy', "default-src 'none'; script-src 'self' 'unsafe-eval'; connect-src 'self'");
      answer.setHeader('Content-Type', 'text/html').end(page);
      return;
    }
    if (asked.url === '/seal.js') {
      answer.setHeader('Content-Type', 'text/javascript').end(script);
      return;
    }
    const to = new URL(asked.url, service);
    const passed = request(to, { method: asked.method, headers: { ...asked.headers, host: to.host } }, (told) => {
      answer.writeHead(told.statusCode, told.headers);
      told.on('data', (bytes) => seen.push(bytes));
      told.pipe(answer);
    });
    asked.on('data', (bytes) => seen.push(bytes));
    asked.pipe(passed);
  });
  await new Promise((listening) => server.listen(0, 'localhost', listening));
  return server;
}
