// Goes through the portal as each kind of person would, with script and without, and looks at every
// page on the way: accessibility (axe, WCAG 2.2 AA), no sideways scrolling at 320 px, nothing asked of
// another host, nothing against the page's own policy.
//
//   ACCOUNTS='{"charity": {"email": ..., "password": ...}, ...}' node tests/browser/portal.mjs ADDRESS LISTS OUTDIR
//
// LISTS holds clean.csv, messy.csv and too_small.csv. Exit 0: all well, 1: something is not, 2: not understood.
import { join } from 'node:path';
import { Visitor, launch } from './kit.mjs';

const [base, lists, out] = process.argv.slice(2);
if (!out || !process.env.ACCOUNTS) {
  console.error("usage: ACCOUNTS='{...}' node tests/browser/portal.mjs ADDRESS LISTS OUTDIR");
  process.exit(2);
}
const accounts = JSON.parse(process.env.ACCOUNTS);
const problems = [];
let seen = 0;

const browser = await launch();
try {
  for (const script of [true, false]) {
    const visitor = await Visitor.arrive(browser, { base, out, script, problems });
    await anybody(visitor);
    await wrong_password(visitor);
    const id = await charity(visitor);
    await steward(visitor, id);
    await reads_its_report(visitor, id);
    await bad_list(visitor);
    await agreements(visitor);
    await publishes(visitor, id);
    await others(visitor, id);
    await withdraws(visitor, id);
    seen += visitor.seen;
    await visitor.leave();
  }
  await by_keyboard(await Visitor.arrive(browser, { base, out, script: true, problems }));
} finally {
  await browser.close();
}
if (problems.length > 0) {
  console.error([...new Set(problems)].join('\n'));
  console.error(`${problems.length} problem(s)`);
  process.exit(1);
}
console.log(`ok: ${seen} pages`);

async function anybody(v) {
  for (const [name, path] of [['start', '/'], ['erasure', '/erasure'], ['power', '/power'],
    ['power-answer', '/power?people=150&rate=30'], ['power-wrong', '/power?people=many&rate='],
    ['ledger-visitor', '/ledger'], ['sign-in', '/sign-in'], ['not-found', '/nothing-here']]) {
    await v.open(path);
    await v.look(name);
  }
  await v.open('/submissions');
  v.expect(v.page.url().includes('/sign-in?next=/submissions'), 'lists', 'can be seen by anybody');
}

async function wrong_password(v) {
  await v.sign_in({ email: '', password: '' });
  await v.look('sign-in-empty');
  await v.sign_in({ email: 'nobody@example.org', password: 'guessed' });
  const nobody = await v.page.textContent('main');
  await v.sign_in({ email: accounts.auditor.email, password: 'guessed' });
  const somebody = await v.page.textContent('main');
  v.expect(nobody === somebody, 'sign-in', 'tells who has an account');
  await v.look('sign-in-wrong');
}

/** From nothing to a list that waits for its release; its id. */
async function charity(v) {
  await v.sign_in(accounts.charity);
  await v.look('lists');
  await v.open('/programmes');
  await v.look('programmes');
  await v.page.click('main a.govuk-button');
  await v.press_button();
  await v.look('new-programme-wrong');
  await v.page.fill('#name', `Cooking together, ${v.script ? 'with' : 'without'} script`);
  await v.press_button();
  await v.page.click('main button[type=submit]');
  await v.look('about-list-wrong');
  await about_list(v);
  await v.press_button();
  await v.look('choose-file-none');
  // First it is checked; the page with its problems takes the list for the report.
  await choose(v, 'messy.csv');
  await v.page.click('main a.govuk-button');
  await ended(v);
  await v.look('checked');
  v.expect((await v.page.textContent('h1')).includes('can be used'), 'checked', 'does not say that the list can be used');
  v.expect(await v.page.locator('main table tbody tr').count() > 10, 'checked', 'does not list the rows');
  const checked = v.page.url().split('/').pop();
  const list = await v.page.request.get(`${v.base}/submissions/${checked}/problems/problems.csv`);
  v.expect(list.ok() && (await list.text()).split('\n').length > 10, 'checked', 'cannot be kept as a list');
  await choose(v, 'clean.csv');
  await v.look('handed-in');
  await v.page.click('main a.govuk-button');
  const id = v.page.url().split('/').pop();
  if (await v.page.locator('.cp-steps').count() > 0) await v.look('progress');
  await ended(v);
  await v.look('waits-for-release');
  await v.open(`/submissions/${id}/certificate`);
  await v.look('certificate');
  return id;
}

async function about_list(v) {
  const { page } = v;
  // Without any chosen: the study with the sample's people.
  await page.check('input[name=programme] >> nth=0');
  await page.check('input[name=study][value=reoffending]');
  await page.fill('#agreement', 'DSA-2026-014');
  await page.check('input[name=lawful_basis][value=public_task]');
  await page.check('#agreed');
  await v.press_button();
}

async function choose(v, name) {
  await v.page.setInputFiles('input[type=file]', join(lists, name));
  await v.page.click('#upload button[type=submit]');
  await v.page.waitForSelector('.govuk-panel');
}

/** Waits for the end: with script the page moves on by itself, without it asks again. */
async function ended(v) {
  for (let i = 0; i < 240 && await v.page.locator('.cp-steps').count() > 0; i += 1) {
    await v.page.waitForTimeout(500);
    if (!v.script && i % 4 === 3) await v.page.reload();
  }
  v.expect(await v.page.locator('.cp-steps').count() === 0, 'progress', 'does not come to an end');
}

async function steward(v, id) {
  await v.sign_in(accounts.steward);
  await v.look('steward-lists');
  await v.open('/submissions?state=awaiting_release');
  await v.look('steward-waiting');
  await v.page.click('main table a >> nth=0');
  await v.look('steward-list');
  await v.open(`/submissions/${id}/findings`);
  v.expect((await v.page.textContent('h1')).length > 0, 'findings', 'cannot be read before the release');
  await v.open(`/submissions/${id}/approval`);
  await v.look('approve');
  // The second time the same people are reported on.
  v.expect((await v.page.locator('#near-repeat').count() > 0) === !v.script, 'approve', 'does not tell of a near repeat, or tells of none');
  await v.press_button();
  await v.look('approve-wrong');
  await v.page.check('#decision');
  await v.page.fill('#reason', 'All rules were applied.\nNobody can be recognised.');
  await v.press_button();
  await v.look('released-steward');
  for (const part of ['programmes', 'compare', 'agreements', 'register', 'ledger', 'incidents', 'audit']) {
    await v.open(`/${part}`);
    await v.look(`steward-${part}`);
  }
  v.expect((await v.page.textContent('main')).includes('The chain holds'), 'audit', 'does not hold');
}

async function reads_its_report(v, id) {
  await v.sign_in(accounts.charity);
  await v.page.click(`main a[href="/submissions/${id}"]`);
  await v.look('released');
  await v.page.click('main a.govuk-button');
  await v.look('report');
  for (const name of ['report.html', 'report.json', 'report.csv', 'report.xlsx', 'report.ods', 'report.pdf']) {
    const kept = await v.page.request.get(`${v.base}/submissions/${id}/report/${name}`);
    v.expect(kept.ok() && kept.headers()['content-disposition'].includes(name), 'report', `${name} cannot be kept`);
  }
  await v.page.click('main a.govuk-button');
  const style = await v.page.evaluate(() => getComputedStyle(document.querySelector('h1')).fontSize);
  v.expect(Number.parseInt(style, 10) > 24, 'the whole report', 'has lost its style');
}

async function bad_list(v) {
  await v.open('/submissions/new');
  await about_list(v);
  await choose(v, 'too_small.csv');
  await v.page.click('main a.govuk-button');
  await ended(v);
  await v.look('problems');
  // The same page takes the corrected list.
  await choose(v, 'too_small.csv');
  await v.open('/submissions');
  await v.look('lists-several');
}

/** A new agreement is signed by both sides; a list under one that is not signed is refused. */
async function agreements(v) {
  const reference = `DSA ${v.script ? 1 : 2}`;
  await v.open('/agreements');
  await v.look('agreements');
  await v.page.click('main a.govuk-button');
  await v.press_button();
  await v.look('new-agreement-wrong');
  await v.page.fill('#reference', reference);
  await v.page.fill('#parties', 'Helping Hand and the department');
  await v.page.fill('#purpose', 'To learn whether cooking together works');
  await v.page.check('#lawful_basis');
  await v.page.fill('#starts', '2026-01-01');
  await v.page.fill('#ends', '2099-12-31');
  await v.press_button();
  await v.look('agreement-unsigned');
  const address = new URL(v.page.url()).pathname;
  await v.press_button();
  v.expect((await v.page.textContent('main')).includes('waits for the signature of the department'), 'agreement', 'does not say who must sign');
  await v.open('/submissions/new');
  await v.page.check('input[name=programme] >> nth=0');
  await v.page.check('input[name=study][value=reoffending]');
  await v.page.fill('#agreement', reference);
  await v.page.check('input[name=lawful_basis][value=legitimate_interests]');
  await v.page.check('#agreed');
  await v.press_button();
  await v.look('about-list-unsigned');
  v.expect((await v.page.textContent('main')).includes('waits for the signature of the department'), 'about list', 'takes an agreement that is not signed');
  await v.sign_in(accounts.steward);
  await v.open(address);
  await v.press_button();
  v.expect((await v.page.textContent('main .govuk-tag')).includes('Live'), 'agreement', 'is not live when both have signed');
  await v.look('agreement-live');
  const kept = await v.page.request.get(`${v.base}${address}/assessment`);
  v.expect(kept.ok() && (await kept.text()).includes(reference), 'agreement', 'cannot be kept for an assessment');
  await v.page.click('main button.govuk-button--warning');
  v.expect((await v.page.textContent('main .govuk-tag')).includes('Ended'), 'agreement', 'cannot be ended');
}

/** The charity lets everybody see its results, with its own words beside them. */
async function publishes(v, id) {
  await v.sign_in(accounts.charity);
  await v.open(`/submissions/${id}`);
  await v.page.click(`main a[href="/submissions/${id}/publication"]`);
  await v.look('publish');
  await v.press_button();
  await v.look('publish-wrong');
  await v.page.fill('#provider_says', 'We work with people on their way out of prison.\nMost had no home.');
  await v.page.check('#sure');
  await v.press_button();
  await v.context.clearCookies();
  await v.open('/open-data');
  await v.look('open-data');
  v.expect((await v.page.textContent('main')).includes('Most had no home'), 'open data', 'does not have what the provider says');
  const table = await v.page.request.get(`${v.base}/open-data/results.csv`);
  v.expect(table.ok() && (await table.text()).split('\n').length > 5, 'open data', 'has no table');
}

async function others(v, id) {
  await v.sign_in(accounts.commissioner);
  await v.look('commissioner-reports');
  await v.open(`/submissions/${id}/report`);
  await v.look('commissioner-report');
  await v.open('/compare');
  await v.look('compare');
  await v.page.check('#published');
  await v.page.click('main form >> nth=-1 >> button');
  await v.look('compare-published');
  v.expect((await v.page.textContent('#answer')).includes('Taken together'), 'compare', 'does not put published results beside');
  await v.page.click('main a[href^="/compare/read"]');
  const style = await v.page.evaluate(() => getComputedStyle(document.querySelector('h1')).fontSize);
  v.expect(Number.parseInt(style, 10) > 24, 'the whole comparison', 'has lost its style');
  for (const name of ['comparison.html', 'comparison.csv', 'comparison.json']) {
    const kept = await v.page.request.get(`${v.base}/compare/${name}?study=reoffending`);
    v.expect(kept.ok() && kept.headers()['content-disposition'].includes(name), 'comparison', `${name} cannot be kept`);
  }
  await v.sign_in(accounts.researcher);
  await v.look('researcher-lists');
  const hidden = await v.open(`/submissions/${id}`);
  v.expect(hidden.status() === 404, 'a list', 'can be seen by another organisation');
  await v.sign_in(accounts.auditor);
  await v.look('auditor-ledger');
  await v.page.click('main table a >> nth=0');
  await v.look('auditor-certificate');
  const refused = await v.open('/submissions');
  v.expect(refused.status() === 403, 'lists', 'can be seen by an auditor');
  await v.look('not-allowed');
}

async function withdraws(v, id) {
  await v.sign_in(accounts.charity);
  await v.open(`/submissions/${id}/withdraw`);
  await v.look('withdraw');
  await v.press_button();
  await v.look('withdrawn');
  const gone = await v.open(`/submissions/${id}/report`);
  v.expect(gone.status() === 409, 'report', 'is there after it was erased');
  await v.look('report-gone');
  await v.open('/submissions');
  await v.page.click('.cp-sign-out__button');
  await v.page.waitForURL(/signed-out/);
  await v.look('signed-out');
}

async function by_keyboard(v) {
  const { keyboard } = v.page;
  // Asked for before the page that needs it: the browser takes a while to heed it, and a dialog
  // opened before then is nobody's.
  v.page.on('filechooser', () => {});
  await v.open('/sign-in');
  await v.tab_to('.govuk-skip-link', 'sign-in');
  await v.tab_to('#email', 'sign-in');
  await keyboard.type(accounts.charity.email);
  await v.tab_to('#password', 'sign-in');
  await keyboard.type(accounts.charity.password);
  await keyboard.press('Enter');
  await v.page.waitForURL(/submissions/);
  await v.tab_to('main a.govuk-button', 'lists');
  await keyboard.press('Enter');
  await v.page.waitForSelector('#agreed');
  await v.tab_to('input[name=programme]', 'about list');
  await keyboard.press('Space');
  await v.tab_to('input[name=study]', 'about list');
  await keyboard.press('ArrowDown');
  // The one live agreement is filled in.
  await v.tab_to('#agreement', 'about list');
  v.expect(await v.page.inputValue('#agreement') === 'DSA-2026-014', 'about list', 'does not know the agreement');
  await v.tab_to('input[name=lawful_basis]', 'about list');
  await keyboard.press('Space');
  await v.tab_to('#agreed', 'about list');
  await keyboard.press('Space');
  await v.tab_to('main button[type=submit]', 'about list');
  await keyboard.press('Enter');
  await v.page.waitForSelector('#upload');
  await v.tab_to('.govuk-file-upload-button', 'choose file');
  const chooser = v.page.waitForEvent('filechooser');
  await keyboard.press('Enter');
  await (await chooser).setFiles(join(lists, 'too_small.csv'));
  await v.tab_to('#upload button[type=submit]', 'choose file');
  await keyboard.press('Enter');
  await v.page.waitForSelector('.govuk-panel');
  await v.tab_to('main a.govuk-button', 'handed in');
  await keyboard.press('Enter');
  await v.page.waitForURL(/[0-9a-f]{32}$/);
  await ended(v);
  v.expect((await v.page.textContent('h1')).includes('Problems'), 'problems', 'are not reached by the keyboard');
  await v.leave();
}
