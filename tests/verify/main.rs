//! Two verifiers of certificates, the program's own command and a script written from the standards,
//! on the same certificates: honest ones, and forged in as many ways as we could think of. Beside
//! them what they rest on: the judge, the tree, and sealed lists, on published vectors.

mod both;
mod doubts;
mod honest;
mod log;
mod sealing;
mod signed;
mod tampered;
mod trees;
