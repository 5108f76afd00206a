//! `counterpart submit`: a list from the command line to its report and its certificate, and what
//! could be seen of it on the way.

use crate::kit::{PROGRAM, Service, User, folder};
use crate::proxy::{Fault, Proxy};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const LIST: &str = "sample_data/cohorts/clean.csv";
pub const EMAIL: &str = "ann@hand.org";

/// What a run said.
pub struct Said {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    #[track_caller]
    pub fn ends_with(&self, code: i32) -> &Said {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Said {
        let said = format!("{}{}", self.stdout, self.stderr);
        assert!(said.contains(text), "`{text}` is not in:\n{said}");
        self
    }

    #[track_caller]
    pub fn never_says(&self, text: &str) -> &Said {
        let said = format!("{}{}", self.stdout, self.stderr);
        assert!(!said.contains(text), "`{text}` is in:\n{said}");
        self
    }
}

/// A service whose findings are released at once, and a charity with a programme.
pub struct Lab {
    pub dir: tempfile::TempDir,
    pub service: Service,
    pub charity: User,
    pub password: String,
}

impl Lab {
    pub async fn open() -> Lab {
        let dir = folder();
        let studies = dir.path().join("studies");
        std::fs::create_dir(&studies).unwrap();
        let study = std::fs::read_to_string("models/reoffending.toml").unwrap();
        let open = study.replace("approval = true", "approval = false");
        assert!(open != study);
        std::fs::write(studies.join("reoffending.toml"), open).unwrap();
        let flags = ["--studies", studies.to_str().unwrap()];
        let service = Service::with(&dir.path().join("data"), &flags);
        let password = service.account(EMAIL, "Hand", "charity");
        let charity = service.signed_in(EMAIL, &password).await;
        charity.programme("Mentoring").await;
        Lab {
            dir,
            service,
            charity,
            password,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// `submit` of a list to that address, with the password in the environment.
    pub fn submit(&self, list: &str, server: &str, more: &[&str]) -> Said {
        let mut command = Command::new(PROGRAM);
        command
            .args(["submit", list, "--server", server])
            .args(["--study", "reoffending", "--programme", "Mentoring"])
            .args(["--email", EMAIL])
            .args(more)
            .env("COUNTERPART_PASSWORD", &self.password);
        let mut said = said(&mut command);
        said.stderr += &self.troubles();
        said
    }

    /// What the service logged that should not be: a test that fails tells it as well.
    pub fn troubles(&self) -> String {
        let log = std::fs::read_to_string(self.service.data.with_extension("stderr")).unwrap();
        let odd = log
            .lines()
            .filter(|l| l.contains("\"ERROR\"") || l.contains("\"WARN\""));
        odd.map(|line| format!("service: {line}\n")).collect()
    }

    pub async fn submissions(&self) -> Vec<Value> {
        let all = self.charity.json("submissions").await;
        all.as_array().unwrap().clone()
    }
}

/// Other tasks of the test go on meanwhile.
pub fn said(command: &mut Command) -> Said {
    let output = tokio::task::block_in_place(|| command.output().unwrap());
    Said {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Texts of eight characters and more that stand in the sample list and would not stand elsewhere:
/// identifiers, and its own heading line.
fn of_the_list() -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(LIST).unwrap();
    let ids = text
        .lines()
        .skip(1)
        .flat_map(|l| l.split(',').skip(5).take(2));
    let ids = ids.filter(|id| id.len() >= 7).chain(text.lines().next());
    ids.map(|id| id.as_bytes().to_vec()).collect()
}

/// How many of them are among those bytes.
pub fn seen_of_the_list(bytes: &[u8]) -> (usize, usize) {
    let wanted = of_the_list();
    // All lengths are few: each is looked up in the windows of its length.
    let mut lengths: Vec<usize> = wanted.iter().map(Vec::len).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut found = 0;
    for length in lengths {
        let here: std::collections::HashSet<&[u8]> = bytes.windows(length).collect();
        let of_length = wanted.iter().filter(|w| w.len() == length);
        found += of_length.filter(|w| here.contains(w.as_slice())).count();
    }
    (found, wanted.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_list_becomes_a_report_and_nobody_on_the_way_sees_it() {
    let lab = Lab::open().await;
    let proxy = Proxy::before(&lab.service.address, Fault::None).await;
    let out = lab.path("out");
    let key = lab.service.data.join("signing.pub");
    let (out_text, key_text) = (out.to_str().unwrap(), key.to_str().unwrap());
    let more = ["--wait", "--out", out_text, "--key", key_text];
    let done = lab.submit(LIST, &proxy.address, &more);
    done.ends_with(0)
        .says("It was sealed before it left this program")
        .says("The list is erased, and its certificate holds.")
        .says("It is of this list")
        .says("The report is released.")
        .never_says(&lab.password)
        .never_says("clean.csv")
        .never_says("was not checked");

    let receipt = json(&out.join("receipt.json"));
    let mode = out
        .join("receipt.json")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(receipt["sealed"], true);
    let all = lab.submissions().await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["id"], receipt["id"]);
    assert_eq!(
        json(&out.join("report.json"))["schema"],
        "counterpart.report/1"
    );
    assert!(out.join("report.html").is_file());

    // The program's own check agrees, with the salt that was kept and with no other.
    let verify = |salt: &str| {
        said(
            Command::new(PROGRAM)
                .arg("verify")
                .arg(out.join("certificate.json"))
                .args(["--file", LIST, "--salt", salt, "--key", key_text]),
        )
        .code
    };
    assert_eq!(verify(receipt["salt"].as_str().unwrap()), 0);
    assert_eq!(verify(&"00".repeat(32)), 1);

    let seen = proxy.seen();
    assert!(
        seen.len() > std::fs::read(LIST).unwrap().len(),
        "it went through"
    );
    assert_eq!(seen_of_the_list(&seen).0, 0);
    assert!(!seen.windows(9).any(|w| w == b"clean.csv"), "nor its name");
    // Its session has ended: the test's own is what is left.
    let tokens = lab.charity.json("tokens").await;
    assert_eq!(tokens.as_array().unwrap().len(), 1, "{tokens}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_list_is_seen_on_the_way_and_that_is_said() {
    let lab = Lab::open().await;
    let proxy = Proxy::before(&lab.service.address, Fault::None).await;
    let done = lab.submit(LIST, &proxy.address, &["--plain", "--wait", "--json"]);
    done.ends_with(0);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(told["sealed"], false);
    assert_eq!(told["state"], "released");
    assert_eq!(told["certificate"]["is_of_this_list"], true);
    assert_eq!(told["certificate"]["key_checked"], false);
    let (found, all) = seen_of_the_list(&proxy.seen());
    assert!(all > 1_000, "{all}");
    assert_eq!(found, all, "the search can see");
    // Once more, to see what people are told.
    lab.submit(LIST, &lab.service.address, &["--plain"])
        .ends_with(0)
        .says("It was neither sealed nor was the connection encrypted")
        .says("the server's own process")
        .says("salt: ")
        .says("it is told here only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_used_is_no_answer_and_is_erased_all_the_same() {
    let lab = Lab::open().await;
    let out = lab.path("out");
    let more = ["--wait", "--out", out.to_str().unwrap()];
    let small = "sample_data/cohorts/too_small.csv";
    let done = lab.submit(small, &lab.service.address, &more);
    done.ends_with(1)
        .says("error: ")
        .says("\nhint: add people")
        .says("The list is erased, and its certificate holds.");
    assert!(out.join("certificate.json").is_file());
    assert!(!out.join("report.json").exists());
    // A folder with a receipt keeps it.
    lab.submit(small, &lab.service.address, &more)
        .ends_with(1)
        .says("there is a receipt of another submission");
    assert_eq!(lab.submissions().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_is_told_so_and_nothing_is_sent() {
    let mut lab = Lab::open().await;
    let proxy = Proxy::before(&lab.service.address, Fault::None).await;
    let right = std::mem::replace(&mut lab.password, "wrong horse battery".to_owned());
    lab.submit(LIST, &proxy.address, &[])
        .ends_with(1)
        .says("a valid token is needed")
        .says("\nhint: ")
        .never_says("wrong horse")
        .never_says(EMAIL);
    lab.password = right;
    // Another service's key: somebody on the way may have put in one of theirs.
    let other = folder();
    let stranger = Service::start(&other.path().join("data"));
    let key = stranger.data.join("signing.pub");
    lab.submit(LIST, &proxy.address, &["--key", key.to_str().unwrap()])
        .ends_with(1)
        .says("not vouched for by the service of --key")
        .says("nothing was sent");
    lab.submit(LIST, "http://lab.example.org", &[])
        .ends_with(2)
        .says("http:// to another machine is not protected")
        .says("--insecure");
    lab.submit("no/such/list.csv", &proxy.address, &[])
        .ends_with(3)
        .says("cannot read the cohort file")
        .never_says("list.csv");
    let mut elsewhere = Command::new(PROGRAM);
    elsewhere.args(["submit", LIST, "--server", &proxy.address]);
    elsewhere.args(["--study", "reoffending", "--programme", "Another"]);
    elsewhere.args(["--email", EMAIL]);
    elsewhere.env("COUNTERPART_PASSWORD", &lab.password);
    said(&mut elsewhere)
        .ends_with(1)
        .says("no programme of that name");
    elsewhere.env_remove("COUNTERPART_PASSWORD");
    said(&mut elsewhere)
        .ends_with(1)
        .says("the password is missing, and there is no terminal");
    assert_eq!(proxy.uploads(), 0);
    assert_eq!(lab.submissions().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_from_a_file_serves_as_well() {
    let lab = Lab::open().await;
    let wanted = serde_json::json!({ "name": "nightly", "days": 1 });
    let (status, made) = lab.charity.post("tokens", wanted).await;
    assert_eq!(status, 201);
    let file = lab.path("token");
    let token = made["token"].as_str().unwrap();
    std::fs::write(&file, format!("{token}\n")).unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(["submit", LIST, "--server", &lab.service.address]);
    command.args(["--study", "reoffending", "--programme", "Mentoring"]);
    command.arg("--token-file").arg(&file);
    said(&mut command)
        .ends_with(0)
        .says("handed in as submission")
        .never_says(token);
    std::fs::write(&file, "two words\n").unwrap();
    said(&mut command)
        .ends_with(1)
        .says("holds no token")
        .never_says("two words");
    assert_eq!(lab.submissions().await.len(), 1);
}
