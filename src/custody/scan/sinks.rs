//! Where data can hide once its process has ended.

use super::files::small;
use super::{Memory, Target, nameless};
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Names of the sinks, as certificates have them.
pub mod name {
    /// Memory of the server, its open files without a name, pipes, sockets and names of threads.
    pub const SERVER: &str = "server memory";
    /// The worker and what it started: gone.
    pub const WORKER: &str = "worker memory";
    /// Everything the service writes.
    pub const DATA: &str = "data folder";
    /// Folders for temporary files.
    pub const TEMPORARY: &str = "temporary folders";
    /// The database.
    pub const DATABASE: &str = "database";
    /// Files the log goes to.
    pub const LOGS: &str = "logs";
    /// Memory written out when a process crashes.
    pub const CORES: &str = "core dumps";
    /// Memory written out when it is short.
    pub const SWAP: &str = "swap";
}

/// What a service has that can be looked through.
pub struct Places {
    /// Of the server, opened when it started.
    pub memory: Memory,
    /// Everything it writes; the database too, when it is a file in there.
    pub data: PathBuf,
    /// Folders for temporary files, beside the system's own.
    pub temporary: Vec<PathBuf>,
    /// Files the log goes to; none when it goes to the terminal or another process.
    pub logs: Vec<PathBuf>,
    /// The system's own folders for temporary files and core dumps too.
    pub system: bool,
}

impl Places {
    /// What to look at after a submission's end; `since` is when its first byte came.
    ///
    /// # Errors
    /// When the system has no more descriptors, or does not tell which are open.
    pub fn targets(&self, since: SystemTime) -> io::Result<Vec<Target>> {
        let memory = self.memory.again()?;
        let mut targets = vec![Target::Memory {
            name: name::SERVER.into(),
            mem: memory.mem,
            maps: memory.maps,
        }];
        targets.extend(nameless()?.into_iter().map(|fd| Target::Descriptor {
            name: name::SERVER.into(),
            fd,
        }));
        targets.push(Target::Stream {
            name: name::SERVER.into(),
            bytes: Box::new(Cursor::new(thread_names()?)),
        });
        let mut folder = |name: &str, path: PathBuf, since, deep| {
            targets.push(Target::Folder {
                name: name.into(),
                path,
                since,
                deep,
            });
        };
        folder(name::DATA, self.data.clone(), None, true);
        let mut temporary = self.temporary.clone();
        let mut cores = Vec::new();
        if self.system {
            temporary.extend(temporary_folders());
            cores = core_folders();
        }
        for path in distinct(temporary) {
            folder(name::TEMPORARY, path, Some(since), true);
        }
        for path in &self.logs {
            folder(name::LOGS, path.clone(), None, true);
        }
        for path in distinct(cores) {
            folder(name::CORES, path, Some(since), false);
        }
        Ok(targets)
    }
}

/// What this process's threads are called: the kernel keeps it, outside the process's memory.
fn thread_names() -> io::Result<String> {
    let mut names = String::new();
    for thread in std::fs::read_dir("/proc/self/task")? {
        let thread = thread?.path();
        // One that has ended meanwhile has no name.
        names += &std::fs::read_to_string(thread.join("comm")).unwrap_or_default();
    }
    Ok(names)
}

fn temporary_folders() -> Vec<PathBuf> {
    let mut folders = vec![std::env::temp_dir()];
    folders.extend(["/tmp", "/var/tmp", "/dev/shm"].map(PathBuf::from));
    folders
}

/// Where the system puts core files: the folder that its pattern names, else where the process was
/// started; and where the usual collectors keep them.
fn core_folders() -> Vec<PathBuf> {
    let mut folders = ["/var/lib/systemd/coredump", "/var/crash"]
        .map(PathBuf::from)
        .to_vec();
    let pattern = small("/proc/sys/kernel/core_pattern").unwrap_or_default();
    let folder = Path::new(pattern.trim_end()).parent();
    match folder.filter(|f| f.is_absolute()) {
        Some(folder) => folders.push(folder.to_path_buf()),
        // Workers are started in the root folder.
        None => folders.extend(
            std::env::current_dir()
                .into_iter()
                .chain([PathBuf::from("/")]),
        ),
    }
    folders
}

/// Those that exist, each once.
fn distinct(folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = folders
        .iter()
        .filter_map(|f| f.canonicalize().ok())
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Could memory have been written out to disk because it was short?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swap {
    /// The machine has some switched on.
    pub on: bool,
    /// Bytes of this process that are in it.
    pub used: u64,
}

impl Swap {
    /// As it is now.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn now() -> io::Result<Swap> {
        let swaps = small("/proc/swaps")?;
        let status = small("/proc/self/status")?;
        let used = status
            .lines()
            .find_map(|line| line.strip_prefix("VmSwap:"))
            .and_then(|used| used.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        Ok(Swap {
            // The first line is a heading.
            on: swaps.lines().nth(1).is_some(),
            used: used.unwrap_or(0) << 10,
        })
    }
}
