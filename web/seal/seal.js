// Seals a list in the browser, before it leaves it: to a key that only the process has that will
// work on it, so that no proxy and not even the server's own process sees it.
//
// HPKE (RFC 9180), base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message, by
// WebCrypto. The form is that of src/custody/sealed.rs: `CPS1`, the encapsulated key's length (two
// bytes, big-endian), the encapsulated key, the ciphertext with its tag. One message has one tag: the
// list is held whole, twice, for as long as it takes.
//
//   import { canSeal, seal } from './seal.js';
//   const { id, public_key } = await (await fetch('/api/v1/sealed-uploads', ...)).json();
//   form.append('sealed', id);
//   form.append('file', await seal(file, { id, public_key }));
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';

const MAGIC = 'CPS1';
const INFO = 'counterpart sealed upload 1';
// An uncompressed point.
const KEY_BYTES = 65;

/** Whether this page can seal: browsers have WebCrypto on https:// and on localhost only. */
export function canSeal() {
  return globalThis.crypto?.subtle !== undefined;
}

/**
 * Seals a list to the key of a submission.
 *
 * @param {Blob} list The file; its name is not looked at.
 * @param {{ id: string, public_key: string }} key As POST /api/v1/sealed-uploads answers.
 * @returns {Promise<Blob>} What goes into the field `file`, beside the field `sealed` with the id.
 * @throws {TypeError} When the key is none, or the page cannot seal. Says nothing of the list.
 */
export async function seal(list, { id, public_key }) {
  if (!canSeal()) {
    throw new TypeError('this page cannot seal: it must come over https');
  }
  const text = new TextEncoder();
  const suite = new CipherSuite({
    kem: new DhkemP256HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  const sender = await suite.createSenderContext({
    recipientPublicKey: await point(suite, public_key),
    info: text.encode(INFO),
  });
  const plain = await list.arrayBuffer();
  let sealed;
  try {
    sealed = await sender.seal(plain, text.encode(id));
  } finally {
    // What can be wiped here is.
    new Uint8Array(plain).fill(0);
  }
  const length = new Uint8Array([sender.enc.byteLength >> 8, sender.enc.byteLength & 0xff]);
  return new Blob([text.encode(MAGIC), length, sender.enc, sealed], { type: 'application/octet-stream' });
}

async function point(suite, base64) {
  try {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    if (bytes.length !== KEY_BYTES) throw new TypeError();
    return await suite.kem.deserializePublicKey(bytes);
  } catch {
    throw new TypeError('what was given as a key to seal to is none');
  }
}
