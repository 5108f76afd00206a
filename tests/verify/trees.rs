//! The ledger's tree: on published vectors, and as a law for any size.

use counterpart::custody::hex;
use counterpart::custody::ledger::{
    Checkpoint, Digest, check_consistency, check_inclusion, consistency, grow, inclusion,
};
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::HashMap;

/// The leaves of the test tree of the Certificate Transparency project (RFC 6962).
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
/// Its roots after each.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const A: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const B: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const C: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const D: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const E: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const F: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
/// Place from 1, size, path.
const INCLUSION: [(u64, u64, &[&str]); 5] = [
    (1, 1, &[]),
    (1, 8, &[A, B, C]),
    (6, 8, &[D, E, ROOTS[3]]),
    (3, 3, &[ROOTS[1]]),
    (2, 5, &[ROOTS[0], B, D]),
];
/// Sizes, path.
const CONSISTENCY: [(u64, u64, &[&str]); 4] = [
    (1, 1, &[]),
    (1, 8, &[A, B, C]),
    (6, 8, &[F, E, ROOTS[3]]),
    (2, 5, &[B, D]),
];

/// A tree in memory.
#[derive(Default)]
struct Tree {
    hashes: HashMap<u64, Digest>,
    heads: Vec<Checkpoint>,
}

impl Tree {
    fn of<L: AsRef<[u8]>>(leaves: impl IntoIterator<Item = L>) -> Tree {
        let mut tree = Tree::default();
        for leaf in leaves {
            let size = tree.heads.len() as u64;
            let grown = grow(size, leaf.as_ref(), tree.read()).unwrap();
            tree.hashes.extend(grown.hashes);
            tree.heads.push(Checkpoint {
                size: grown.size,
                root: grown.root,
            });
        }
        tree
    }

    fn read(&self) -> impl Fn(&[u64]) -> Option<Vec<Digest>> + '_ {
        |places| places.iter().map(|p| self.hashes.get(p).copied()).collect()
    }

    fn head(&self, size: u64) -> &Checkpoint {
        &self.heads[size as usize - 1]
    }
}

fn digests(path: &[&str]) -> Vec<Digest> {
    path.iter().map(|h| hex::decode_32(h).unwrap()).collect()
}

#[test]
fn the_published_tree_has_its_published_roots_and_paths() {
    let leaves = LEAVES.map(|l| hex::decode(l).unwrap());
    let tree = Tree::of(&leaves);
    for (head, root) in tree.heads.iter().zip(ROOTS) {
        assert_eq!(hex::encode(&head.root), root, "{} leaves", head.size);
    }
    for (place, size, path) in INCLUSION {
        let path = digests(path);
        let made = inclusion(size, place - 1, tree.read()).unwrap();
        assert_eq!(made, path, "{place} of {size}");
        let leaf = &leaves[place as usize - 1];
        assert_eq!(
            check_inclusion(tree.head(size), place - 1, leaf, &path),
            Ok(())
        );
    }
    for (from, to, path) in CONSISTENCY {
        let path = digests(path);
        let made = consistency(from, to, tree.read()).unwrap();
        assert_eq!(made, path, "{from} to {to}");
        assert_eq!(
            check_consistency(tree.head(from), tree.head(to), &path),
            Ok(())
        );
    }
}

#[test]
fn no_size_makes_the_check_of_a_path_fail_in_any_other_way_than_by_refusing() {
    for size in [
        1,
        2,
        3,
        u64::MAX / 2,
        u64::MAX / 2 + 1,
        u64::MAX / 2 + 2,
        u64::MAX - 1,
        u64::MAX,
    ] {
        for length in [0, 1, 62, 63, 64, 65, 128, 129] {
            let path = vec![[5; 32]; length];
            let head = |size| Checkpoint {
                size,
                root: [6; 32],
            };
            for index in [0, 1, size / 2, size - 1, size, u64::MAX] {
                assert!(check_inclusion(&head(size), index, &[7; 32], &path).is_err());
            }
            for later in [size, size.saturating_add(1), u64::MAX] {
                let other = Checkpoint {
                    root: [8; 32],
                    ..head(later)
                };
                assert!(check_consistency(&head(size), &other, &path).is_err());
                assert!(check_consistency(&head(0), &other, &path).is_err());
            }
        }
    }
}

fn flipped(path: &[Digest], hash: Index, bit: Index) -> Vec<Digest> {
    let mut path = path.to_vec();
    let at = hash.index(path.len());
    let bit = bit.index(256);
    path[at][bit / 8] ^= 1 << (bit % 8);
    path
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever comes in, in whatever order: every entry and every pair of sizes is proven, and one
    /// bit changed anywhere in a proof, a leaf or a head is refused.
    #[test]
    fn every_entry_and_every_pair_of_heads_is_proven_and_nothing_else(
        leaves in prop::collection::vec(any::<[u8; 32]>(), 1..70),
        hash in any::<Index>(),
        bit in any::<Index>(),
    ) {
        let tree = Tree::of(&leaves);
        for to in &tree.heads {
            for index in 0..to.size {
                let path = inclusion(to.size, index, tree.read()).unwrap();
                let leaf = leaves[index as usize];
                prop_assert_eq!(check_inclusion(to, index, &leaf, &path), Ok(()));
                let wrong = flipped(&[leaf], hash, bit);
                prop_assert!(check_inclusion(to, index, &wrong[0], &path).is_err());
                let root = flipped(&[to.root], hash, bit)[0];
                let forged = Checkpoint { root, ..*to };
                prop_assert!(check_inclusion(&forged, index, &leaf, &path).is_err());
                if !path.is_empty() {
                    let wrong = flipped(&path, hash, bit);
                    prop_assert!(check_inclusion(to, index, &leaf, &wrong).is_err());
                }
            }
            for from in tree.heads.iter().filter(|h| h.size <= to.size) {
                let path = consistency(from.size, to.size, tree.read()).unwrap();
                prop_assert_eq!(check_consistency(from, to, &path), Ok(()));
                let root = flipped(&[from.root], hash, bit)[0];
                let forged = Checkpoint { root, ..*from };
                prop_assert!(check_consistency(&forged, to, &path).is_err());
                if !path.is_empty() {
                    let wrong = flipped(&path, hash, bit);
                    prop_assert!(check_consistency(from, to, &wrong).is_err());
                }
            }
        }
    }
}
