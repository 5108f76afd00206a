//! What people read: takes only [`crate::disclosure::Released`].
