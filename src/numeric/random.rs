//! Random numbers: one named algorithm, a seed a run, a stream a purpose, so that results do not
//! move when a library changes its default generator or another purpose draws more.

use rand::SeedableRng;
use rand_chacha::ChaCha12Rng;

/// A seeded stream for one purpose.
pub fn stream(seed: u64, purpose: u64) -> ChaCha12Rng {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    rng.set_stream(purpose);
    rng
}
