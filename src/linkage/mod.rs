//! People to register, then person to the right index event.
