//! How well people are found, through the binary, where the truth is known: FEBRL 4, and a
//! synthetic register with families, twins, fathers and sons of one name and people on no register.

mod febrl;
mod kit;
mod synthetic;
