// Steps as the server tells them. Each is marked on the list that is on the page already; when the
// list of people is gone the page is opened anew, and says what came of it.
const WORDS = { done: 'Done', now: 'Now', next: 'To do' };

export function follow(place) {
  const events = new EventSource(place.dataset.follow);
  const told = place.querySelector('[data-told]');
  events.addEventListener('step', (event) => {
    const { name } = JSON.parse(event.data);
    const steps = [...place.querySelectorAll('[data-step]')];
    const at = steps.findIndex((step) => step.dataset.step === name);
    if (at < 0) return;
    steps.forEach((step, i) => mark(step, i < at ? 'done' : i === at ? 'now' : 'next'));
    const sentence = steps[at].querySelector('[data-sentence]');
    if (told && sentence) told.textContent = sentence.textContent;
  });
  events.addEventListener('state', (event) => {
    const { state } = JSON.parse(event.data);
    if (state === 'received' || state === 'running') return;
    events.close();
    window.location.reload();
  });
}

function mark(step, how) {
  step.className = `cp-steps__${how}`;
  step.querySelector('[data-word]').textContent = WORDS[how];
  if (how === 'now') step.setAttribute('aria-current', 'step');
  else step.removeAttribute('aria-current');
}
