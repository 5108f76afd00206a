//! Two verifiers of certificates, the program's own command and a script written from the standards,
//! on the same certificates: honest ones, and forged in as many ways as we could think of. Beside
//! them what they rest on: the judge, the tree, and sealed lists, on published vectors.

mod asvs;
mod both;
mod doubts;
mod given;
mod honest;
mod log;
mod placed;
mod sealing;
mod signed;
mod sound;
mod tampered;
mod trees;
