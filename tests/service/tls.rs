//! Where the service itself speaks TLS: nothing is to be had without it.

use crate::kit::PROGRAM;
use reqwest::{Certificate, Client};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A certificate for 127.0.0.1 and its key: `tls.crt`, `tls.key`.
fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .current_dir(folder)
        .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "3650"])
        .args(["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=tests"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "tls.key", "-out", "tls.crt"])
        .output()
        .unwrap();
    assert!(made.status.success());
}

/// With that certificate; and where it listens.
fn serve(folder: &Path) -> (Server, String) {
    let mut process = Command::new(PROGRAM)
        .args([
            "serve",
            "--allow-unencrypted-swap",
            "--listen",
            "127.0.0.1:0",
            "--data",
        ])
        .arg(folder.join("data"))
        .arg("--tls-cert")
        .arg(folder.join("tls.crt"))
        .arg("--tls-key")
        .arg(folder.join("tls.key"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(process.stderr.take().unwrap());
    let server = Server(process);
    let mut line = String::new();
    let address = loop {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended");
        if let Some(at) = line.strip_prefix("listening on https://") {
            break at.trim().to_owned();
        }
    };
    // So that it is never kept waiting by a full pipe.
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    (server, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_certificate_it_speaks_tls_and_nothing_else() {
    // Another test may have chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    certificate(dir.path());
    let (_server, address) = serve(dir.path());
    let live = format!("https://{address}/health/live");
    let pem = std::fs::read(dir.path().join("tls.crt")).unwrap();
    let trusted = Certificate::from_pem(&pem).unwrap();
    let client = || Client::builder().tls_certs_only([trusted.clone()]);

    let answer = client().build().unwrap().get(&live).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let strict = answer.headers()["strict-transport-security"]
        .to_str()
        .unwrap();
    assert!(strict.starts_with("max-age="), "{strict}");

    let newest = client().tls_version_min(reqwest::tls::Version::TLS_1_3);
    let answer = newest.build().unwrap().get(&live).send().await;
    assert_eq!(answer.unwrap().status(), 200);
    let plain = client().build().unwrap();
    let unencrypted = plain.get(live.replacen("https", "http", 1)).send().await;
    assert!(unencrypted.is_err(), "it answers without TLS");
    let nobody = Client::builder().tls_certs_only([]).build().unwrap();
    assert!(
        nobody.get(&live).send().await.is_err(),
        "who is trusted matters"
    );
}
