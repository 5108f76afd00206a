//! The heap forgets: every block is overwritten with zeros before it is freed, for everything that
//! links this library. A `Vec` that grows leaves no copy behind, since growing is a new block, a copy
//! and a wiped old block.

use std::alloc::System;
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static HEAP: ZeroAlloc<System> = ZeroAlloc(System);

#[cfg(test)]
mod tests {
    use super::*;
    use std::alloc::{GlobalAlloc, Layout};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Stands where the system's allocator stands and looks at each block that is handed back.
    struct Inspector {
        returned: AtomicUsize,
        soiled: AtomicUsize,
    }

    // SAFETY: hands every call on to the system's allocator unchanged.
    unsafe impl GlobalAlloc for Inspector {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promises are passed on.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: the block is still ours, `layout.size()` bytes long and initialised by the tests.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            self.returned.fetch_add(1, Ordering::Relaxed);
            if bytes.iter().any(|&b| b != 0) {
                self.soiled.fetch_add(1, Ordering::Relaxed);
            }
            // SAFETY: the caller's promises are passed on.
            unsafe { System.dealloc(block, layout) }
        }
    }

    #[test]
    fn a_block_goes_back_blank_and_a_grown_one_leaves_no_copy() {
        let heap = ZeroAlloc(Inspector {
            returned: AtomicUsize::new(0),
            soiled: AtomicUsize::new(0),
        });
        for size in [1, 7, 64, 4_097, 300_000] {
            // The size is positive and the alignment a power of two.
            let small = Layout::from_size_align(size, 8).unwrap();
            let large = Layout::from_size_align(2 * size, 8).unwrap();
            // SAFETY: each block is used within its size and freed once, with its own layout.
            unsafe {
                let block = heap.alloc(small);
                block.write_bytes(b'x', size);
                let grown = heap.realloc(block, small, large.size());
                assert_eq!(*grown.add(size - 1), b'x', "growing keeps the content");
                grown.add(size).write_bytes(b'y', size);
                heap.dealloc(grown, large);
            }
        }
        assert_eq!(heap.0.returned.load(Ordering::Relaxed), 10);
        assert_eq!(heap.0.soiled.load(Ordering::Relaxed), 0);
    }
}
