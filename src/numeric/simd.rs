//! The widest registers this processor has, for plain loops.

/// Runs `f` compiled for the widest instruction set of this processor. What `f` calls must be
/// inlined into it to gain anything. The result has the same bits everywhere: the compiler neither
/// reorders floating-point sums nor fuses a product with a sum, so loops that add in fixed lanes
/// give the same answer at any width.
#[inline(always)]
pub fn widest<R>(f: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(f)
}
