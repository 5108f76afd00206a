//! Where copies are kept: threads, mappings, attributes, databases.

use crate::acts::Stage;
use crate::programme::Programme;
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;
use std::sync::mpsc;

/// A thread that does something and then stays.
pub fn parked(work: impl FnOnce() + Send + 'static) {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        work();
        tell.send(()).unwrap();
        loop {
            std::thread::park();
        }
    });
    told.recv().unwrap();
}

pub fn on_a_stack(list: String) {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut copy = [0u8; 512];
        let length = list.len().min(copy.len());
        copy[..length].copy_from_slice(&list.as_bytes()[..length]);
        drop(list);
        tell.send(()).unwrap();
        loop {
            std::thread::park();
            std::hint::black_box(&copy);
        }
    });
    told.recv().unwrap();
}

/// Pages of the system's with a copy on them, closed for writing, or altogether.
pub fn mapped(list: &str, kind: libc::c_int, then: libc::c_int) {
    let size = list.len().next_multiple_of(4096);
    // SAFETY: new memory, written within its size, and never given back.
    unsafe {
        let rw = libc::PROT_READ | libc::PROT_WRITE;
        let at = libc::mmap(null_mut(), size, rw, kind | libc::MAP_ANONYMOUS, -1, 0);
        assert_ne!(at, libc::MAP_FAILED);
        at.cast::<u8>()
            .copy_from_nonoverlapping(list.as_ptr(), list.len());
        assert_eq!(libc::mprotect(at, size, then), 0);
    }
}

/// One name alone, half of it at the end of a mapping, half at the beginning of the next.
pub fn across_two_mappings(programme: &Programme, _: &str, _: &Stage) {
    let name = programme.a_name();
    // SAFETY: as above; the second page is made a mapping of its own by closing it for writing.
    unsafe {
        let rw = libc::PROT_READ | libc::PROT_WRITE;
        let nameless = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let at = libc::mmap(null_mut(), 8192, rw, nameless, -1, 0);
        assert_ne!(at, libc::MAP_FAILED);
        let half = at.cast::<u8>().add(4096 - 6);
        half.copy_from_nonoverlapping(name.as_ptr(), name.len());
        assert_eq!(libc::mprotect(at.add(4096), 4096, libc::PROT_READ), 0);
    }
}

pub fn attribute(path: &Path, value: &str) {
    let path = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: C texts, and a value of the length given.
    let set = unsafe {
        libc::setxattr(
            path.as_ptr(),
            c"user.list".as_ptr(),
            value.as_ptr().cast(),
            value.len(),
            0,
        )
    };
    assert_eq!(
        set, 0,
        "the test's folder must be on a file system with attributes"
    );
}

/// Writes the list to a table of its own, then does something else, and keeps the database open.
pub fn database(path: &Path, journal: &str, list: &str, then: &str) {
    use sqlx::{Connection, Executor, SqliteConnection};

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let address = format!("sqlite://{}?mode=rwc", path.display());
    let connection = runtime.block_on(async {
        let mut open = SqliteConnection::connect(&address).await.unwrap();
        let journal = format!("pragma journal_mode = {journal}");
        for statement in [
            &journal,
            "pragma secure_delete = off",
            "create table lists (list text)",
        ] {
            open.execute(sqlx::AssertSqlSafe(statement.to_owned()))
                .await
                .unwrap();
        }
        sqlx::query("insert into lists values (?)")
            .bind(list)
            .execute(&mut open)
            .await
            .unwrap();
        if !then.is_empty() {
            open.execute(sqlx::AssertSqlSafe(then.to_owned()))
                .await
                .unwrap();
        }
        open
    });
    std::mem::forget((runtime, connection));
}
