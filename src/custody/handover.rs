//! Descriptors from one process to another through a Unix socket (`SCM_RIGHTS`), and what is handed
//! over: a process's own memory, for whoever is to look through it later. The system asks who may
//! see it only when it is opened; afterwards nobody else of the same user can open it.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::null_mut;

/// A process's memory, opened to be read.
pub struct OwnMemory {
    /// Its bytes, by address.
    pub mem: OwnedFd,
    /// What is mapped where.
    pub maps: OwnedFd,
}

/// Opens this process's own memory, and leaves it so that nobody else of the same user can. For
/// as long as two files take to open, others could too: to be called before anything is known that
/// they should not see.
///
/// # Errors
/// When the system refuses, or somebody has attached to the process already.
pub fn own_memory() -> io::Result<OwnMemory> {
    // A process that cannot be dumped owns none of its files in /proc.
    dumpable(true)?;
    let opened = File::open("/proc/self/mem")
        .and_then(|mem| Ok((mem, File::open("/proc/self/maps")?)))
        .map(|(mem, maps)| OwnMemory {
            mem: mem.into(),
            maps: maps.into(),
        });
    dumpable(false)?;
    // From here on nobody can attach: whoever has is seen.
    if is_traced()? {
        return Err(io::Error::other("another process is attached to this one"));
    }
    opened
}

fn dumpable(can_be: bool) -> io::Result<()> {
    // SAFETY: takes numbers only; the arguments it does not use are zero as it asks.
    match unsafe { libc::prctl(libc::PR_SET_DUMPABLE, libc::c_ulong::from(can_be), 0, 0, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Does a debugger, or what behaves like one, hold this process?
fn is_traced() -> io::Result<bool> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let tracer = status.lines().find_map(|l| l.strip_prefix("TracerPid:"));
    Ok(tracer.is_none_or(|pid| pid.trim() != "0"))
}

/// Bytes of control data that one message may bring.
const CONTROL: usize = 64;

/// Aligned as the headers of control data have to be.
#[repr(C, align(8))]
struct Control([u8; CONTROL]);

/// Sends a few bytes and two descriptors beside them; all of it or an error.
///
/// # Errors
/// When it cannot be sent whole.
pub fn send_with(socket: BorrowedFd<'_>, bytes: &[u8], own: &OwnMemory) -> io::Result<()> {
    let fds = [own.mem.as_raw_fd(), own.maps.as_raw_fd()];
    let mut control = Control([0; CONTROL]);
    let mut part = libc::iovec {
        iov_base: bytes.as_ptr().cast_mut().cast(),
        iov_len: bytes.len(),
    };
    let mut message = message(&mut part, &mut control);
    // SAFETY: the control buffer has room for one header and two descriptors (24 of 64 bytes) and is
    // aligned; CMSG_FIRSTHDR and CMSG_DATA stay within it. Every pointer lives through sendmsg,
    // which only reads.
    let sent = unsafe {
        message.msg_controllen = libc::CMSG_SPACE(size_of_val(&fds) as u32) as _;
        let header = libc::CMSG_FIRSTHDR(&message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(size_of_val(&fds) as u32) as _;
        libc::CMSG_DATA(header)
            .cast::<[RawFd; 2]>()
            .write_unaligned(fds);
        libc::sendmsg(socket.as_raw_fd(), &message, libc::MSG_NOSIGNAL)
    };
    match usize::try_from(sent) {
        Ok(n) if n == bytes.len() => Ok(()),
        Ok(_) => Err(io::ErrorKind::WriteZero.into()),
        Err(_) => Err(io::Error::last_os_error()),
    }
}

/// Receives bytes into `into`, and the descriptors that came beside them: how many bytes, which
/// descriptors. Every one received is owned, and so closed, whatever the sender meant.
///
/// # Errors
/// When nothing can be received, or more descriptors came than there is room for.
pub fn receive_with(socket: BorrowedFd<'_>, into: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
    let mut control = Control([0; CONTROL]);
    let mut part = libc::iovec {
        iov_base: into.as_mut_ptr().cast(),
        iov_len: into.len(),
    };
    let mut message = message(&mut part, &mut control);
    let mut fds = Vec::new();
    // SAFETY: every pointer lives through recvmsg, which writes within the lengths given; the loop
    // follows the headers it wrote, as the CMSG functions bound them, and reads as many descriptors
    // as each header's length says; they are new in this process and owned by nobody else.
    let received = unsafe {
        let received = libc::recvmsg(socket.as_raw_fd(), &mut message, libc::MSG_CMSG_CLOEXEC);
        if received < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut header = libc::CMSG_FIRSTHDR(&message);
        while !header.is_null() {
            if (*header).cmsg_level == libc::SOL_SOCKET && (*header).cmsg_type == libc::SCM_RIGHTS {
                let bytes = (*header).cmsg_len as usize - libc::CMSG_LEN(0) as usize;
                let data = libc::CMSG_DATA(header).cast::<RawFd>();
                for at in 0..bytes / size_of::<RawFd>() {
                    fds.push(OwnedFd::from_raw_fd(data.add(at).read_unaligned()));
                }
            }
            header = libc::CMSG_NXTHDR(&message, header);
        }
        received as usize
    };
    match message.msg_flags & libc::MSG_CTRUNC {
        0 => Ok((received, fds)),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn message(part: &mut libc::iovec, control: &mut Control) -> libc::msghdr {
    // SAFETY: numbers and pointers, for all of which zero is a value that stands for nothing.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_name = null_mut();
    message.msg_iov = part;
    message.msg_iovlen = 1;
    message.msg_control = control.0.as_mut_ptr().cast();
    message.msg_controllen = CONTROL as _;
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileExt;
    use std::os::unix::net::UnixStream;

    #[test]
    fn memory_handed_over_can_be_read_where_its_maps_say() {
        let own = own_memory().unwrap();
        let (ours, theirs) = UnixStream::pair().unwrap();
        send_with(ours.as_fd(), b"hello", &own).unwrap();
        let mut bytes = [0; 16];
        let (n, fds) = receive_with(theirs.as_fd(), &mut bytes).unwrap();
        assert_eq!((&bytes[..n], fds.len()), (&b"hello"[..], 2));
        let mut fds = fds.into_iter().map(File::from);
        let (mem, maps) = (fds.next().unwrap(), fds.next().unwrap());
        let maps = std::io::read_to_string(maps).unwrap();
        assert!(maps.contains("[stack]"));
        let told = Box::new(*b"a text on the heap");
        let mut seen = [0; 18];
        mem.read_exact_at(&mut seen, told.as_ptr() as u64).unwrap();
        assert_eq!(seen, *told);
    }
}
