//! What a signal handler is told about the code it interrupted: where it stood, where its stack
//! ended, what its vector registers hold.

/// The code a signal interrupted. On return from the handler it goes on from this state.
pub struct Interrupted {
    context: *mut libc::ucontext_t,
}

/// Bytes below the stack pointer that code may use without moving it.
#[cfg(target_arch = "x86_64")]
const RED_ZONE: usize = 128;

impl Interrupted {
    /// # Safety
    /// `context` is what the system gave to the handler now running, with `SA_SIGINFO`.
    pub unsafe fn new(context: *mut libc::ucontext_t) -> Self {
        Interrupted { context }
    }

    /// Does the handler, one of whose variables lies `here`, run on the thread's signal stack while
    /// the code it interrupted did not?
    pub fn has_stack_of_its_own(&self, here: usize) -> bool {
        // SAFETY: valid as `new` was promised; the handler's to read.
        let stack = unsafe { (*self.context).uc_stack };
        let start = stack.ss_sp as usize;
        let apart = stack.ss_flags & (libc::SS_DISABLE | libc::SS_ONSTACK) == 0;
        apart && (start..start + stack.ss_size).contains(&here)
    }
}

#[cfg(target_arch = "x86_64")]
impl Interrupted {
    /// Address of the instruction to go on with.
    pub fn instruction(&self) -> usize {
        self.register(libc::REG_RIP)
    }

    /// Goes on by repeating the system call after which `returning` comes? (`syscall` is two bytes.)
    pub fn will_restart(&self, returning: usize) -> bool {
        self.instruction() + 2 == returning
    }

    /// The stack below this address is dead. A thread that waits stands in a function without
    /// variables, so that its red zone is dead too.
    pub fn live_end(&self, waits: bool) -> usize {
        let pointer = self.register(libc::REG_RSP);
        if waits { pointer } else { pointer - RED_ZONE }
    }

    /// Zeros the vector registers, in which copying and comparing leaves texts: 16 to 64 bytes each,
    /// until something else needs them. Only for a thread that waits inside a function call, where
    /// nobody relies on them: in the System V calling convention every one is the caller's to save.
    pub fn forget_vectors(&mut self) {
        /// Of the legacy area: xmm0 to xmm15.
        const XMM: std::ops::Range<usize> = 160..416;
        /// Where the system tells whether an extended area follows, and how long all is.
        const MAGIC_AT: usize = 464;
        const MAGIC: u32 = 0x4650_5853;
        const SIZE_AT: usize = 480;
        /// State components: upper halves of ymm; opmasks; upper halves of zmm0-15; zmm16-31.
        const COMPONENTS: [u32; 4] = [2, 5, 6, 7];

        // SAFETY: valid as `new` was promised. The area is laid out as the processor's manual says
        // for XSAVE in its standard form, the offsets of components being what CPUID leaf 13 tells,
        // and all writes stay within the size that the system wrote beside its magic number.
        unsafe {
            let area = (*self.context).uc_mcontext.fpregs.cast::<u8>();
            if area.is_null() {
                return;
            }
            area.add(XMM.start).write_bytes(0, XMM.len());
            if area.add(MAGIC_AT).cast::<u32>().read_unaligned() != MAGIC {
                return;
            }
            let size = area.add(SIZE_AT).cast::<u32>().read_unaligned() as usize;
            for component in COMPONENTS {
                let told = std::arch::x86_64::__cpuid_count(13, component);
                let (length, offset) = (told.eax as usize, told.ebx as usize);
                if length > 0 && offset + length <= size {
                    area.add(offset).write_bytes(0, length);
                }
            }
        }
    }

    fn register(&self, which: libc::c_int) -> usize {
        // SAFETY: valid as `new` was promised; the index is one of the C library's own names.
        unsafe { (*self.context).uc_mcontext.gregs[which as usize] as usize }
    }
}

/// On ARM half of the vector registers are the callee's to save: they are left alone.
#[cfg(target_arch = "aarch64")]
impl Interrupted {
    /// Address of the instruction to go on with.
    pub fn instruction(&self) -> usize {
        // SAFETY: valid as `new` was promised.
        unsafe { (*self.context).uc_mcontext.pc as usize }
    }

    /// Goes on by repeating the system call after which `returning` comes?
    pub fn will_restart(&self, returning: usize) -> bool {
        self.instruction() + 4 == returning
    }

    /// The stack below this address is dead: there is no red zone.
    pub fn live_end(&self, _waits: bool) -> usize {
        // SAFETY: valid as `new` was promised.
        unsafe { (*self.context).uc_mcontext.sp as usize }
    }

    /// Leaves them.
    pub fn forget_vectors(&mut self) {}
}
