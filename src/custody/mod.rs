//! Personal data in memory: guarded types, a heap that forgets, a process that will not be dumped,
//! stacks that can be wiped. This is the only room with `unsafe` code.
//!
//! A process that ends erases everything it held; what is here is the second line, for as long as
//! it lives and for whoever looks inside meanwhile.

#[expect(unsafe_code, reason = "is an allocator")]
mod alloc;
pub mod bundle;
pub mod certificate;
pub mod commitment;
#[expect(unsafe_code, reason = "setrlimit is a C call")]
mod confine;
mod confine_filter;
#[expect(unsafe_code, reason = "prctl, setrlimit and mlockall are C calls")]
mod confine_worker;
#[expect(
    unsafe_code,
    reason = "reads and changes what a signal handler is given"
)]
mod context;
#[expect(unsafe_code, reason = "clock_gettime is a C call")]
pub mod erasure;
pub mod evidence;
#[expect(unsafe_code, reason = "sendmsg, recvmsg and prctl are C calls")]
mod handover;
#[expect(unsafe_code, reason = "mallopt, prctl and setrlimit are C calls")]
mod harden;
pub mod hex;
pub mod keys;
pub mod ledger;
#[expect(unsafe_code, reason = "a file somebody else may change is mapped")]
mod map;
pub mod marks;
mod method;
mod personal;
#[expect(unsafe_code, reason = "prctl and kill are C calls")]
mod process;
#[expect(
    unsafe_code,
    reason = "hands descriptors to a child; pipes, sockets and attributes are C calls"
)]
pub mod scan;
pub mod seal_key;
pub mod sealed;
#[cfg(test)]
mod sound;
pub mod swap;
#[expect(unsafe_code, reason = "overwrites dead stack from a signal handler")]
mod wipe;

pub use confine::{Confinement, confine};
pub use confine_worker::{Confined, confine_worker};
pub use handover::{OwnMemory, own_memory, receive_with, send_with};
pub use harden::{clear_c_heap, harden, program, refuse_dumps, this_program};
pub use map::ReadOnlyMap;
pub use personal::{Personal, PersonalDate};
pub use process::{die_with_parent, group_exists, kill_group};
pub use wipe::{Wiped, wipe_stacks};
