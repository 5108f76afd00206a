//! Sealed lists are HPKE as the RFC has it: on its published vector, and with an implementation by
//! hand, in both directions. The RFC has no vector for P-256 with AES-256-GCM; both hold for the one
//! with AES-128-GCM, and agree with each other on ours.

use counterpart::custody::hex;
use counterpart::custody::sealed::{Opener, seal};
use hpke::aead::AesGcm128;
use hpke::kdf::HkdfSha256;
use hpke::kem::DhP256HkdfSha256 as Dh;
use hpke::{Deserializable as _, Kem, OpModeR};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const LIST: &[u8] = b"forename,surname\nAnn,Lee\n";

/// What the script by hand says; none when it fails.
fn by_hand(args: &[&str], given: &[u8]) -> Option<Vec<u8>> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut script = Command::new(home.join("target/python-verify/bin/python"))
        .arg("-I")
        .arg(home.join("tests/verify/hpke.py"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("`make tools` sets Python up");
    let mut to = script.stdin.take().unwrap();
    // It may have failed before it has read all.
    let _ = to.write_all(given);
    drop(to);
    let done = script.wait_with_output().unwrap();
    done.status.success().then_some(done.stdout)
}

#[test]
fn both_open_the_rfcs_own_example() {
    // Appendix A.3.1.
    let private = "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2";
    let sent = "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4";
    let sealed = "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434";
    let bytes = |text| hex::decode(text).unwrap();
    let plain = hpke::single_shot_open::<AesGcm128, HkdfSha256, Dh>(
        &OpModeR::Base,
        &<Dh as Kem>::PrivateKey::from_bytes(&bytes(private)).unwrap(),
        &<Dh as Kem>::EncappedKey::from_bytes(&bytes(sent)).unwrap(),
        b"Ode on a Grecian Urn",
        &bytes(sealed),
        b"Count-0",
    );
    assert_eq!(plain.unwrap(), b"Beauty is truth, truth beauty");
    assert!(by_hand(&["vector"], b"").is_some());
}

#[test]
fn what_one_seals_the_other_opens() {
    let key = String::from_utf8(by_hand(&["key"], b"").unwrap()).unwrap();
    let (private, public) = key.trim().split_once(' ').unwrap();
    let large = vec![b'x'; 1 << 20];
    for list in [LIST, b"", &large] {
        let sealed = seal(&hex::decode(public).unwrap(), list, "0123").unwrap();
        assert!(by_hand(&["open", private, "0123"], &sealed).as_deref() == Some(list));
        assert!(by_hand(&["open", private, "0124"], &sealed).is_none());

        let opener = Opener::new();
        let sealed = by_hand(&["seal", &hex::encode(opener.public_key()), "0123"], list).unwrap();
        assert!(*opener.open(&sealed, "0123").unwrap() == list);
    }
}
