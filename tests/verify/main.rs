//! Two verifiers of certificates, the program's own command and a script written from the standards,
//! on the same certificates: honest ones, and forged in as many ways as we could think of.

mod both;
mod honest;
mod log;
mod signed;
mod tampered;
