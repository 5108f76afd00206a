//! Is a process gone, and everything it started? It has been waited for by whoever started it; here
//! the system's own list is looked through as well.

use super::files::small;
use std::collections::BTreeSet;
use std::io;

/// A process, told from a later one of the same number by the time of its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Process {
    id: i32,
    parent: i32,
    group: i32,
    session: i32,
    started: u64,
}

/// A worker and all that came from it, as far as seen.
#[derive(Debug, Clone)]
pub struct Kin {
    root: Process,
    seen: BTreeSet<(i32, u64)>,
}

impl Kin {
    /// Of a running process.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn of(process: u32) -> io::Result<Kin> {
        let root = read(&process.to_string())
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such process"))?;
        let mut kin = Kin {
            root,
            seen: BTreeSet::from([(root.id, root.started)]),
        };
        kin.look()?;
        Ok(kin)
    }

    /// Looks again for what it has started: from time to time while it runs, since what started a
    /// process can no longer be seen when it has ended itself.
    ///
    /// # Errors
    /// When the list of processes cannot be read.
    pub fn look(&mut self) -> io::Result<()> {
        let all = processes()?;
        loop {
            let before = self.seen.len();
            for process in &all {
                if self.belongs(process, &all) {
                    self.seen.insert((process.id, process.started));
                }
            }
            if self.seen.len() == before {
                return Ok(());
            }
        }
    }

    /// How many are still there, the process itself included. (One that has ended and only waits to
    /// be waited for has no memory any more, and is not.)
    ///
    /// # Errors
    /// When the list of processes cannot be read.
    pub fn alive(&mut self) -> io::Result<usize> {
        self.look()?;
        let all = processes()?;
        let here = all
            .iter()
            .filter(|p| self.seen.contains(&(p.id, p.started)));
        Ok(here.count())
    }

    fn belongs(&self, process: &Process, all: &[Process]) -> bool {
        let parent = all.iter().find(|p| p.id == process.parent);
        let of_kin = parent.is_some_and(|p| self.seen.contains(&(p.id, p.started)));
        // A group or session is called after the process that made it, as long as any are in it.
        let own = |of: i32| of == self.root.id;
        let made = (own(self.root.group) && own(process.group))
            || (own(self.root.session) && own(process.session));
        of_kin || (made && process.started >= self.root.started)
    }
}

/// How many processes this one has started, directly or not, beside those known (and what they have
/// started): there should be none.
///
/// # Errors
/// When the list of processes cannot be read.
pub fn strangers(known: &[u32]) -> io::Result<usize> {
    let all = processes()?;
    let me = std::process::id();
    let is_stranger = |process: &&Process| {
        let mut at = **process;
        // As many steps up as there are processes end at the first of all, whatever changes meanwhile.
        for _ in 0..all.len() {
            if known.contains(&(at.id as u32)) {
                return false;
            }
            if at.parent as u32 == me {
                return true;
            }
            match all.iter().find(|p| p.id == at.parent) {
                Some(parent) => at = *parent,
                None => return false,
            }
        }
        false
    };
    Ok(all.iter().filter(is_stranger).count())
}

/// Copies of this very process: started by it or by what it started, and running as it was run. Each
/// is given by number and time of start, so that one that is about to become another program can be
/// told from one that stays.
///
/// # Errors
/// When the list of processes cannot be read.
pub fn copies() -> io::Result<BTreeSet<(i32, u64)>> {
    let all = processes()?;
    let me = i32::try_from(std::process::id()).map_err(io::Error::other)?;
    let mine = small("/proc/self/cmdline")?;
    let mut below = BTreeSet::from([me]);
    // Each step down finds those one further away; there are no more steps than processes.
    for _ in 0..all.len() {
        let more: Vec<i32> = all
            .iter()
            .filter(|p| below.contains(&p.parent))
            .map(|p| p.id)
            .collect();
        let before = below.len();
        below.extend(more);
        if below.len() == before {
            break;
        }
    }
    below.remove(&me);
    // One that has ended meanwhile is no copy.
    let is_copy = |p: &&Process| small(&format!("/proc/{}/cmdline", p.id)).is_ok_and(|c| c == mine);
    let here = all.iter().filter(|p| below.contains(&p.id)).filter(is_copy);
    Ok(here.map(|p| (p.id, p.started)).collect())
}

fn processes() -> io::Result<Vec<Process>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let number = name
            .to_str()
            .filter(|n| n.bytes().all(|b| b.is_ascii_digit()));
        all.extend(number.and_then(read));
    }
    Ok(all)
}

/// From `/proc/PID/stat`, which any user may read; none when it is not there (any more).
fn read(number: &str) -> Option<Process> {
    let stat = small(&format!("/proc/{number}/stat")).ok()?;
    // The name, in parentheses, may hold anything.
    let fields: Vec<&str> = stat[stat.rfind(')')? + 1..]
        .split_ascii_whitespace()
        .collect();
    if matches!(fields.first(), Some(&("Z" | "X"))) {
        return None;
    }
    let field = |at: usize| fields.get(at - 3)?.parse::<u64>().ok();
    Some(Process {
        id: number.parse().ok()?,
        parent: field(4)? as i32,
        group: field(5)? as i32,
        session: field(6)? as i32,
        started: field(22)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::process::{Command, Stdio};

    #[test]
    fn a_grandchild_that_outlives_its_parent_is_still_there() {
        // The shell starts a sleeper, tells that it runs, waits for a line and ends.
        let mut shell = Command::new("/bin/sh")
            .args(["-c", "sleep 60 & echo $!; read line"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut sleeper = [0; 16];
        let read = shell.stdout.as_mut().unwrap().read(&mut sleeper).unwrap();
        let mut kin = Kin::of(shell.id()).unwrap();
        assert_eq!(kin.alive().unwrap(), 2);
        drop(shell.stdin.take());
        shell.wait().unwrap();
        assert_eq!(kin.alive().unwrap(), 1, "the sleeper");
        let sleeper = std::str::from_utf8(&sleeper[..read]).unwrap().trim();
        Command::new("/bin/kill").arg(sleeper).status().unwrap();
        let patience = std::time::Instant::now();
        while kin.alive().unwrap() > 0 {
            assert!(patience.elapsed().as_secs() < 20, "told to end");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    #[test]
    fn nobody_is_kin_of_a_process_that_is_not_there() {
        assert!(Kin::of(u32::MAX).is_err());
    }
}
