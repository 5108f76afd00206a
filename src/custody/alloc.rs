//! The heap forgets, for everything that links this library: a block is overwritten with zeros before
//! it is freed, and one that grows leaves no copy behind, since that is a new block, a copy and a
//! wiped old one. Large blocks are mapped from the system one by one: when freed their pages leave
//! the process, which is as good as zeros, and they grow by moving pages instead of copying them.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static HEAP: ForgetfulHeap<System> = ForgetfulHeap(ZeroAlloc(System));

/// From this size on a block has pages of its own.
const LARGE: usize = 1 << 20;
/// Pages are aligned to this at least.
const PAGE: usize = 4096;

/// Wiped blocks from `A`, large ones from the system.
struct ForgetfulHeap<A: GlobalAlloc>(ZeroAlloc<A>);

/// Decided by the layout alone, so that a block is freed the way it was made.
fn is_large(layout: Layout) -> bool {
    layout.size() >= LARGE && layout.align() <= PAGE
}

// SAFETY: small blocks are the inner allocator's, unchanged; large ones are private mappings of at
// least the size asked for, aligned to a page, and unmapped or moved by their own address and size.
unsafe impl<A: GlobalAlloc> GlobalAlloc for ForgetfulHeap<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(layout) {
            return map(layout.size());
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_large(layout) {
            return map(layout.size());
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_large(layout) {
            // SAFETY: mapped by `map` or `mremap` with this size; nobody uses it any more. Cannot
            // fail for a whole mapping.
            unsafe { libc::munmap(block.cast(), layout.size()) };
            return;
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { self.0.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the size, rounded up to the alignment, is in range.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        if is_large(layout) && is_large(new_layout) {
            // SAFETY: a whole mapping made by `map`; the old address is not used again on success.
            let moved = unsafe {
                libc::mremap(block.cast(), layout.size(), new_size, libc::MREMAP_MAYMOVE)
            };
            return unless_failed(moved);
        }
        // SAFETY: a new block of the new layout, filled from the old one as far as both reach; the
        // old one is freed, and so wiped, by its own layout. On failure the old one stays.
        unsafe {
            let new = self.alloc(new_layout);
            if !new.is_null() {
                new.copy_from_nonoverlapping(block, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

/// Pages of zeros, or null.
fn map(size: usize) -> *mut u8 {
    // SAFETY: asks for new memory at an address of the system's choice.
    unless_failed(unsafe {
        libc::mmap(
            null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    })
}

fn unless_failed(mapped: *mut libc::c_void) -> *mut u8 {
    if mapped == libc::MAP_FAILED {
        null_mut()
    } else {
        mapped.cast()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            // SAFETY: the block is still ours, `layout.size()` bytes long and initialised by the test.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            self.returned.fetch_add(1, Ordering::Relaxed);
            if bytes.iter().any(|&b| b != 0) {
                self.soiled.fetch_add(1, Ordering::Relaxed);
            }
            // SAFETY: the caller's promises are passed on.
            unsafe { System.dealloc(block, layout) }
        }
    }

    fn inspected() -> ForgetfulHeap<Inspector> {
        ForgetfulHeap(ZeroAlloc(Inspector {
            returned: AtomicUsize::new(0),
            soiled: AtomicUsize::new(0),
        }))
    }

    /// Fills a block, grows it, fills the rest, shrinks it, and looks that the content came along.
    fn grow_and_shrink(heap: &impl GlobalAlloc, size: usize, grown: usize) {
        let layout = |size| Layout::from_size_align(size, 8).unwrap();
        // SAFETY: each block is used within its size and freed once, with its own layout.
        unsafe {
            let block = heap.alloc(layout(size));
            block.write_bytes(b'x', size);
            let block = heap.realloc(block, layout(size), grown);
            assert!((0..size).all(|i| *block.add(i) == b'x'));
            block.add(size).write_bytes(b'y', grown - size);
            let block = heap.realloc(block, layout(grown), size);
            assert!((0..size).all(|i| *block.add(i) == b'x'));
            heap.dealloc(block, layout(size));
        }
    }

    #[test]
    fn blocks_go_back_blank_and_growing_or_shrinking_leaves_no_copy() {
        let heap = inspected();
        for size in [1, 7, 64, 4_097, 300_000] {
            grow_and_shrink(&heap, size, 2 * size);
        }
        assert_eq!(heap.0.0.returned.load(Ordering::Relaxed), 15);
        assert_eq!(heap.0.0.soiled.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_block_that_becomes_large_and_small_again_leaves_no_copy() {
        let heap = inspected();
        grow_and_shrink(&heap, LARGE - 1, LARGE);
        assert_eq!(heap.0.0.returned.load(Ordering::Relaxed), 2);
        assert_eq!(heap.0.0.soiled.load(Ordering::Relaxed), 0);
        grow_and_shrink(&heap, LARGE + 1, 3 * LARGE + 5);
        assert_eq!(heap.0.0.returned.load(Ordering::Relaxed), 2, "not its own");
    }

    #[test]
    fn large_blocks_start_blank() {
        let layout = Layout::from_size_align(LARGE + 3, 64).unwrap();
        // SAFETY: used within its size and freed once, with its own layout.
        unsafe {
            let block = HEAP.alloc_zeroed(layout);
            assert!((0..layout.size()).all(|i| *block.add(i) == 0));
            HEAP.dealloc(block, layout);
        }
    }
}
