// Seals a list before it leaves the browser, where the service gives a key for it and the browser can.
// Where either cannot, the list goes as it does without script: over the encrypted connection alone.
export function sealed(form) {
  let sent = false;
  form.addEventListener('submit', async (event) => {
    const input = form.querySelector('input[type=file]');
    const file = input.files[0];
    if (sent) {
      event.preventDefault();
      return;
    }
    if (!file || !form.dataset.seal) return;
    event.preventDefault();
    sent = true;
    const status = form.querySelector('#upload-status');
    status.textContent = 'Locking your list before it leaves your computer …';
    try {
      await lock(form, input, file);
      status.textContent = 'Your list is locked. Sending it …';
    } catch {
      form.elements.sealed.value = '';
      status.textContent = 'Sending your list …';
    }
    form.submit();
  });
  // Back from the next page: the form can be sent again.
  window.addEventListener('pageshow', () => { sent = false; });
}

async function lock(form, input, file) {
  const { canSeal, seal } = await import(form.dataset.seal);
  if (!canSeal()) throw new TypeError('cannot seal');
  const about = new URLSearchParams();
  for (const name of ['csrf', 'programme', 'study']) about.set(name, form.elements[name].value);
  about.set('check', form.querySelector('input[name=check]:checked')?.value ?? 'no');
  const answer = await fetch('/submissions/seal', { method: 'POST', body: about });
  if (!answer.ok) throw new TypeError('no key');
  const key = await answer.json();
  const blob = await seal(file, key);
  const locked = new DataTransfer();
  // The file's own name stays here.
  locked.items.add(new File([blob], 'list'));
  form.elements.sealed.value = key.id;
  input.files = locked.files;
}
