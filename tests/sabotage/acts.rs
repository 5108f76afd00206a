//! Ways to forget to forget. Each keeps a copy of a list somewhere for as long as the service runs.

use crate::copies::{across_two_mappings, attribute, database, mapped, on_a_stack, parked};
use crate::programme::Programme;
use base64::Engine;
use counterpart::custody::scan::sink;
use std::cell::RefCell;
use std::ffi::CString;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::fd::FromRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::ptr::null_mut;
use std::sync::Mutex;
use std::sync::mpsc;

/// Folders of the service.
pub struct Stage {
    pub data: PathBuf,
    pub temp: PathBuf,
    /// In memory that processes share.
    pub shared: PathBuf,
    pub cores: PathBuf,
    pub log: PathBuf,
    pub register: PathBuf,
}

impl Stage {
    pub fn under(home: &Path) -> Stage {
        let name = home.file_name().unwrap();
        let stage = Stage {
            data: home.join("data"),
            temp: home.join("temp"),
            shared: Path::new("/dev/shm").join(name),
            cores: home.join("cores"),
            log: home.join("service.log"),
            register: home.join("register"),
        };
        for folder in [
            &stage.data,
            &stage.temp,
            &stage.shared,
            &stage.cores,
            &stage.register,
        ] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(stage.data.join("settings"), "nothing of anybody's").unwrap();
        stage
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.shared);
    }
}

/// One way.
pub struct Act {
    pub name: &'static str,
    /// Where the copy must be found.
    pub found_in: &'static str,
    run: fn(&Programme, &str, &Stage),
}

const fn act_of(
    name: &'static str,
    found_in: &'static str,
    run: fn(&Programme, &str, &Stage),
) -> Act {
    Act {
        name,
        found_in,
        run,
    }
}

/// All ways that leave something to be found.
pub const ACTS: &[Act] = &[
    act_of("kept in a static", sink::SERVER, |_, list, _| {
        keep(list.into())
    }),
    act_of("leaked vector", sink::SERVER, |_, list, _| {
        std::mem::forget(list.as_bytes().to_vec());
    }),
    act_of("thread-local", sink::SERVER, |_, list, _| {
        thread_local!(static MINE: RefCell<String> = const { RefCell::new(String::new()) });
        let list = list.to_owned();
        parked(move || MINE.with_borrow_mut(|mine| *mine = list));
    }),
    act_of("on a stack", sink::SERVER, |_, list, _| {
        on_a_stack(list.to_owned())
    }),
    act_of("nameless mapping", sink::SERVER, |_, list, _| {
        mapped(list, libc::MAP_PRIVATE, libc::PROT_READ);
    }),
    act_of("shared mapping", sink::SERVER, |_, list, _| {
        mapped(list, libc::MAP_SHARED, libc::PROT_READ);
    }),
    act_of("mapping closed to itself", sink::SERVER, |_, list, _| {
        mapped(list, libc::MAP_PRIVATE, libc::PROT_NONE);
    }),
    act_of("across two mappings", sink::SERVER, across_two_mappings),
    act_of("nameless file", sink::SERVER, |_, list, _| {
        // SAFETY: the name is a C text; the descriptor is nobody else's.
        let file = unsafe { libc::memfd_create(c"x".as_ptr(), 0) };
        let mut file = unsafe { File::from_raw_fd(file) };
        file.write_all(list.as_bytes()).unwrap();
        std::mem::forget(file);
    }),
    act_of(
        "deleted file that is open",
        sink::SERVER,
        |_, list, stage| {
            let path = stage.temp.join("deleted");
            let mut file = File::create(&path).unwrap();
            file.write_all(list.as_bytes()).unwrap();
            fs::remove_file(path).unwrap();
            std::mem::forget(file);
        },
    ),
    act_of("in a pipe", sink::SERVER, |_, list, _| {
        let (read, mut write) = std::io::pipe().unwrap();
        write.write_all(list.as_bytes()).unwrap();
        std::mem::forget((read, write));
    }),
    act_of("in a socket", sink::SERVER, |_, list, _| {
        let (read, mut write) = UnixStream::pair().unwrap();
        write.write_all(list.as_bytes()).unwrap();
        std::mem::forget((read, write));
    }),
    act_of("upper-cased", sink::SERVER, |_, list, _| {
        keep(list.to_uppercase().into())
    }),
    act_of("lower-cased", sink::SERVER, |_, list, _| {
        keep(list.to_lowercase().into())
    }),
    act_of("in UTF-16", sink::SERVER, |_, list, _| {
        keep(list.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }),
    act_of(
        "in UTF-16 the other way round",
        sink::SERVER,
        |_, list, _| {
            keep(list.encode_utf16().flat_map(u16::to_be_bytes).collect());
        },
    ),
    act_of("in base64", sink::SERVER, |_, list, _| {
        let engine = base64::engine::general_purpose::STANDARD;
        keep(engine.encode(list).into());
    }),
    act_of("in hexadecimal", sink::SERVER, |_, list, _| {
        keep(
            list.bytes()
                .flat_map(|b| format!("{b:02X}").into_bytes())
                .collect(),
        );
    }),
    act_of("in an environment variable", sink::SERVER, |_, list, _| {
        // SAFETY: the service has no other thread that reads its environment now.
        unsafe { std::env::set_var("LAST_LIST", list) };
    }),
    act_of("as a thread's name", sink::SERVER, |programme, _, _| {
        let name = programme.a_name();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let c_name = CString::new(name).unwrap();
            // SAFETY: a C text.
            unsafe { libc::prctl(libc::PR_SET_NAME, c_name.as_ptr(), 0, 0, 0) };
            drop(c_name);
            tell.send(()).unwrap();
            loop {
                std::thread::park();
            }
        });
        told.recv().unwrap();
    }),
    act_of("in a temporary file", sink::TEMPORARY, |_, list, stage| {
        fs::create_dir_all(stage.temp.join("a/b")).unwrap();
        fs::write(stage.temp.join("a/b/spool"), list).unwrap();
    }),
    act_of("in shared memory", sink::TEMPORARY, |_, list, stage| {
        fs::write(stage.shared.join("segment"), list).unwrap();
    }),
    act_of(
        "as a file's name",
        sink::TEMPORARY,
        |programme, _, stage| {
            let name = format!("{} clients.csv", programme.a_name());
            fs::write(stage.temp.join(name), "").unwrap();
        },
    ),
    act_of(
        "as a link's target",
        sink::TEMPORARY,
        |programme, _, stage| {
            let link = stage.temp.join("link");
            std::os::unix::fs::symlink(programme.a_name(), link).unwrap();
        },
    ),
    act_of(
        "in a temporary file of an old date",
        sink::TEMPORARY,
        |_, list, stage| {
            let path = stage.temp.join("old");
            fs::write(&path, list).unwrap();
            let old = std::time::SystemTime::UNIX_EPOCH;
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_modified(old)
                .unwrap();
        },
    ),
    act_of("in the data folder", sink::DATA, |_, list, stage| {
        fs::write(
            stage.data.join("cache"),
            format!("{}{list}", "x".repeat(300_000)),
        )
        .unwrap();
    }),
    act_of("as a folder's name", sink::DATA, |programme, _, stage| {
        fs::create_dir(stage.data.join(programme.a_name())).unwrap();
    }),
    act_of(
        "in an attribute of a file",
        sink::DATA,
        |programme, _, stage| {
            attribute(&stage.data.join("settings"), &programme.a_name());
        },
    ),
    act_of("in the log", sink::LOGS, |_, list, stage| {
        let mut log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&stage.log)
            .unwrap();
        writeln!(log, "{{\"level\":\"INFO\",\"message\":{list:?}}}").unwrap();
    }),
    act_of("in a core file", sink::CORES, |_, list, stage| {
        fs::write(stage.cores.join("core.4711"), list).unwrap();
    }),
    act_of("in the database", sink::DATA, |_, list, stage| {
        database(&stage.data.join("counterpart.db"), "delete", list, "");
    }),
    act_of("deleted from the database", sink::DATA, |_, list, stage| {
        database(
            &stage.data.join("other.db"),
            "delete",
            list,
            "delete from lists",
        );
    }),
    act_of("in the database's log", sink::DATA, |_, list, stage| {
        database(
            &stage.data.join("third.db"),
            "wal",
            list,
            "delete from lists",
        );
    }),
];

static KEPT: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());
static CHILDREN: Mutex<Vec<Child>> = Mutex::new(Vec::new());
static COPIES: Mutex<Vec<i32>> = Mutex::new(Vec::new());

/// Treats a submission as its name says; properly, when it says nothing.
pub fn act(name: &str, programme: &Programme, list: &str, stage: &Stage) {
    if let Some(act) = ACTS.iter().find(|a| a.name == name) {
        return (act.run)(programme, list, stage);
    }
    match name {
        "copy of the server" => {
            // SAFETY: the copy only sleeps, and ends.
            let copy = unsafe {
                let copy = libc::fork();
                if copy == 0 {
                    libc::sleep(60);
                    libc::_exit(0);
                }
                copy
            };
            COPIES.lock().unwrap().push(copy);
        }
        "name on a command line" => {
            let mut waiter = Command::new("/bin/sh");
            waiter.args(["-c", "read line", &programme.a_name()]);
            waiter.stdin(std::process::Stdio::piped());
            CHILDREN.lock().unwrap().push(waiter.spawn().unwrap());
        }
        _ => {}
    }
}

/// Ends what was started.
pub fn tidy() {
    for mut child in CHILDREN.lock().unwrap().drain(..) {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    for copy in COPIES.lock().unwrap().drain(..) {
        // SAFETY: a child of this process that was not waited for.
        unsafe {
            libc::kill(copy, libc::SIGKILL);
            libc::waitpid(copy, null_mut(), 0);
        }
    }
}

fn keep(bytes: Vec<u8>) {
    KEPT.lock().unwrap().push(bytes);
}
