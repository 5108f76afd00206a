//! A running `counterpart serve`, with a charity and a steward who are signed in.

use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_counterpart");
/// A machine under load is slow; nothing here is about how fast it is.
const PATIENCE: Duration = Duration::from_secs(600);

/// Or another build of it, which a benchmark measures.
fn program() -> PathBuf {
    std::env::var_os("COUNTERPART_PROGRAM").map_or_else(|| PROGRAM.into(), PathBuf::from)
}

pub struct Service {
    pub data: PathBuf,
    pub process: Child,
    pub address: String,
    database: Option<String>,
    pub client: Client,
}

/// A folder of the test's own. Not among the temporary folders, which the scanner of every service looks
/// through: there it would find the sample people in the register that another test's service lays.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

impl Service {
    /// On that folder, which may be one that another server has used.
    pub fn start(data: &Path) -> Service {
        Service::with(data, &[])
    }

    /// With more flags.
    pub fn with(data: &Path, flags: &[&str]) -> Service {
        let mut command = Command::new(program());
        command.args(["serve", "--allow-unencrypted-swap"]);
        Service::run(command, data, flags)
    }

    /// By a command that ends in this program's `serve`.
    pub fn run(mut command: Command, data: &Path, flags: &[&str]) -> Service {
        // Another test may have chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let said = data.with_extension("stderr");
        let process = command
            .args(["--listen", "127.0.0.1:0", "--slots", "2", "--data"])
            .arg(data)
            .args(flags)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&said).unwrap())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let address = loop {
            let told = std::fs::read_to_string(&said).unwrap();
            let line = told.lines().find_map(|l| l.strip_prefix("listening on "));
            if let Some(address) = line {
                break address.to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not listen:\n{told}");
            std::thread::sleep(Duration::from_millis(50));
        };
        Service {
            data: data.to_owned(),
            process,
            address,
            database: flags
                .windows(2)
                .find(|pair| pair[0] == "--database")
                .map(|pair| pair[1].to_owned()),
            client: Client::builder().timeout(PATIENCE).build().unwrap(),
        }
    }

    /// Makes an account; its password.
    pub fn account(&self, email: &str, organisation: &str, role: &str) -> String {
        let out = Command::new(program())
            .args(["account", "add", email, "--organisation", organisation])
            .args(["--role", role, "--data"])
            .arg(&self.data)
            .args(self.database.iter().flat_map(|url| ["--database", url]))
            .output()
            .unwrap();
        assert!(out.status.success());
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    /// Makes an account and signs it in.
    pub async fn sign_in(&self, email: &str, organisation: &str, role: &str) -> User {
        let password = self.account(email, organisation, role);
        self.signed_in(email, &password).await
    }

    /// Signs an account in.
    pub async fn signed_in(&self, email: &str, password: &str) -> User {
        let request = self
            .client
            .post(format!("{}/api/v1/sessions", self.address));
        let credentials = json!({ "email": email, "password": password });
        let answer = request.json(&credentials).send().await.unwrap();
        let session: Value = answer.json().await.unwrap();
        User {
            client: self.client.clone(),
            address: self.address.clone(),
            token: session["token"].as_str().unwrap().to_owned(),
        }
    }

    /// Killed as by a power cut.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = std::fs::read_to_string(self.data.with_extension("stderr"));
            let worth = |l: &&str| !l.contains("\"INFO\"");
            let said = said.unwrap_or_default();
            let said: Vec<&str> = said.lines().filter(worth).collect();
            eprintln!("the server said:\n{}", said.join("\n"));
        }
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Clone)]
pub struct User {
    client: Client,
    pub address: String,
    pub token: String,
}

impl User {
    fn with(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(&self.token)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.address)
    }

    pub async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.with(self.client.get(self.url(path))).send().await;
        let answer = answer.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    pub async fn json(&self, path: &str) -> Value {
        let (status, text) = self.get(path).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let request = self.with(self.client.post(self.url(path))).json(&body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub async fn put(&self, path: &str, body: Value) -> u16 {
        let request = self.with(self.client.put(self.url(path))).json(&body);
        request.send().await.unwrap().status().as_u16()
    }

    pub async fn bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let answer = self.with(self.client.get(self.url(path))).send().await;
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        (status, answer.bytes().await.unwrap().to_vec())
    }

    pub async fn delete(&self, path: &str) -> u16 {
        let request = self.with(self.client.delete(self.url(path)));
        request.send().await.unwrap().status().as_u16()
    }

    pub async fn programme(&self, name: &str) -> String {
        let (status, made) = self.post("programmes", json!({ "name": name })).await;
        assert_eq!(status, 201);
        made["id"].as_str().unwrap().to_owned()
    }

    /// Hands a list in; the answer.
    pub async fn submit(&self, programme: &str, key: &str, list: Vec<u8>) -> (u16, Value) {
        let answer = self.try_submit(programme, key, list).await;
        answer.unwrap()
    }

    /// Where the server may go away meanwhile.
    pub async fn try_submit(
        &self,
        programme: &str,
        key: &str,
        list: Vec<u8>,
    ) -> reqwest::Result<(u16, Value)> {
        let answer = self.upload(programme, key, list).await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// With its headers.
    pub async fn upload(
        &self,
        programme: &str,
        key: &str,
        list: Vec<u8>,
    ) -> reqwest::Result<Response> {
        let form = Form::new()
            .text("study", "reoffending")
            .text("programme", programme.to_owned())
            .part("file", Part::bytes(list).file_name("list.csv"));
        let request = self.with(self.client.post(self.url("submissions")));
        let request = request.header("Idempotency-Key", key).multipart(form);
        request.send().await
    }

    /// Handed in however often it is refused for now; how often that was.
    pub async fn insist(&self, programme: &str, key: &str, list: Vec<u8>) -> (String, u32) {
        let begun = Instant::now();
        let mut refused = 0;
        loop {
            let answer = self.try_submit(programme, key, list.clone()).await;
            match &answer {
                Ok((202, accepted)) => {
                    return (accepted["id"].as_str().unwrap().to_owned(), refused);
                }
                Ok((408 | 429 | 503, _)) | Err(_) => refused += 1,
                Ok(_) => panic!("{answer:?}"),
            }
            assert!(begun.elapsed() < PATIENCE, "{answer:?}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// The submission, once it has no worker any more.
    pub async fn end_of(&self, id: &str) -> Value {
        let begun = Instant::now();
        loop {
            // A database that is away comes back.
            let (status, now) = self.get(&format!("submissions/{id}")).await;
            if status == 200 {
                let now: Value = serde_json::from_str(&now).unwrap();
                if now["state"] != "received" && now["state"] != "running" {
                    return now;
                }
            }
            assert!(matches!(status, 200 | 503), "{now}");
            assert!(begun.elapsed() < PATIENCE, "{now}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Once it has reached a step.
    pub async fn reaches(&self, id: &str, step: &str) {
        let begun = Instant::now();
        loop {
            let now = self.json(&format!("submissions/{id}")).await;
            let steps = now["steps"].as_array().unwrap();
            if steps.iter().any(|s| s["name"] == step) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{now}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The certificate in a file, checked by the program's own command and by the script that shares
    /// no code with it.
    pub async fn verified(&self, id: &str, service: &Service) -> Value {
        let (status, bundle) = self.get(&format!("submissions/{id}/certificate")).await;
        assert_eq!(status, 200, "{bundle}");
        let path = service.data.with_extension(format!("{id}.json"));
        std::fs::write(&path, bundle).unwrap();
        let key = service.data.join("signing.pub");
        let run = |command: &mut Command| {
            let command = command.arg(&path).arg("--key").arg(&key);
            let out = command.output().unwrap();
            let told = String::from_utf8_lossy(&out.stderr).into_owned();
            assert!(out.status.success(), "{told}");
            out.stdout
        };
        // Python is set up by `make tools`.
        let mut second = Command::new("target/python-verify/bin/python");
        run(second.args(["-I", "tests/verify/verify.py"]));
        let told = run(Command::new(PROGRAM).args(["verify", "--json"]));
        serde_json::from_slice(&told).unwrap()
    }
}

/// The sample list.
pub fn sample() -> Vec<u8> {
    std::fs::read("sample_data/cohorts/clean.csv").unwrap()
}

/// Workers of a server.
pub fn workers(server: u32) -> Vec<u32> {
    let out = Command::new("pgrep")
        .args(["-P", &server.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    text.lines().map(|l| l.parse().unwrap()).collect()
}
