//! What the theory promises of a cell.
