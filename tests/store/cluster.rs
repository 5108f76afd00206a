//! A PostgreSQL of the tests' own: made in a temporary folder, on a free port, with TLS; gone when
//! the last test that uses it ends, however that ends.

use std::fs::{self, Permissions};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Weak, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    server: Mutex<Option<Running>>,
}

/// Ended by its thread, which is the server's parent: when the tests are killed the kernel ends the
/// server with it.
struct Running {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

/// One for all tests that run at the same time.
pub fn shared() -> Arc<Cluster> {
    static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(|e| e.into_inner());
    shared.upgrade().unwrap_or_else(|| {
        let made = Arc::new(Cluster::make());
        *shared = Arc::downgrade(&made);
        made
    })
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// PostgreSQL will not run as root.
fn as_user(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg("--pdeathsig=INT").arg(program);
    command
        .current_dir("/")
        .env_clear()
        .env("LC_ALL", "C.UTF-8");
    command
}

fn run(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(
        done.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

impl Cluster {
    pub fn make() -> Cluster {
        let newest = |folder: &str| {
            let versions = fs::read_dir(folder).ok()?;
            versions.map(|v| v.unwrap().path().join("bin")).max()
        };
        let programs =
            newest("/usr/lib/postgresql").expect("PostgreSQL is there: `make tools` installs it");
        let folder = tempfile::Builder::new()
            .prefix("counterpart-pg-")
            .tempdir()
            .unwrap();
        let path = folder.path();
        certificate(path);
        if is_root() {
            run(Command::new("chown")
                .arg("-R")
                .arg("postgres:postgres")
                .arg(path));
        }
        run(as_user(&programs.join("initdb"))
            .args([
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--no-sync",
                "-D",
            ])
            .arg(path.join("data")));
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let cluster = Cluster {
            folder,
            programs,
            port,
            server: Mutex::default(),
        };
        cluster.start();
        cluster
    }

    pub fn start(&self) {
        let path = self.folder.path();
        let mut command = as_user(&self.programs.join("postgres"));
        command.arg("-D").arg(path.join("data"));
        for setting in [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".into(),
            format!("unix_socket_directories={}", path.display()),
            "fsync=off".into(),
            "max_connections=200".into(),
            "ssl=on".into(),
            format!("ssl_cert_file={}", path.join("server.crt").display()),
            format!("ssl_key_file={}", path.join("server.key").display()),
        ] {
            command.arg("-c").arg(setting);
        }
        let log = fs::File::create(path.join("log")).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut server = command.spawn().unwrap();
            // Also when the sender is gone.
            let _ = stopped.recv();
            end(&mut server);
        });
        *self.server.lock().unwrap() = Some(Running { stop, thread });
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let ready = Command::new(self.programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .unwrap();
            if ready.success() && TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            let log = fs::read_to_string(path.join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "PostgreSQL does not start: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn stop(&self) {
        let server = self.server.lock().unwrap_or_else(|e| e.into_inner()).take();
        if let Some(running) = server {
            let _ = running.stop.send(());
            let _ = running.thread.join();
        }
    }

    /// A new, empty database: its address by TCP, the server's certificate checked.
    pub fn database(&self) -> String {
        let random: u64 = rand::random();
        let name = format!("t{random:016x}");
        let psql = |sql: &str| {
            run(Command::new("psql")
                .args([
                    "-q",
                    "-X",
                    "-U",
                    "postgres",
                    "-h",
                    "127.0.0.1",
                    "-d",
                    "postgres",
                ])
                .args(["-p", &self.port.to_string(), "-c", sql])
                .env_remove("PGPASSWORD"));
        };
        psql(&format!("CREATE DATABASE {name}"));
        let root = self.folder.path().join("server.crt");
        format!(
            "postgres://postgres@127.0.0.1:{}/{name}?sslmode=verify-full&sslrootcert={}",
            self.port,
            root.display()
        )
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Fast shutdown, then by force.
fn end(server: &mut Child) {
    let _ = Command::new("kill")
        .args(["-INT", &server.id().to_string()])
        .status();
    let until = Instant::now() + Duration::from_secs(10);
    while Instant::now() < until {
        if matches!(server.try_wait(), Ok(Some(_))) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = server.kill();
    let _ = server.wait();
}

fn certificate(folder: &Path) {
    run(Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args(["-days", "3650", "-subj", "/CN=counterpart tests"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(folder.join("server.key"))
        .arg("-out")
        .arg(folder.join("server.crt")));
    let mode = |name: &str, mode| {
        fs::set_permissions(folder.join(name), Permissions::from_mode(mode)).unwrap();
    };
    mode("server.key", 0o600);
    mode("server.crt", 0o644);
    // Whoever runs the tests reads the certificate, another user runs the server.
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
}
