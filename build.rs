//! Puts the portal's styles and scripts (`web/dist`, made by npm) into the program. Where they have
//! not been made the program builds all the same, and its pages are plain.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Endings of what is served.
const SERVED: [&str; 2] = [".css", ".js"];

fn main() -> io::Result<()> {
    // Cargo sets both for every build script.
    let home = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let dist = Path::new(&home).join("web/dist");
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    let mut names: Vec<String> = match fs::read_dir(&dist) {
        Ok(files) => files
            .filter_map(|f| f.ok()?.file_name().into_string().ok())
            .filter(|name| SERVED.iter().any(|ending| name.ends_with(ending)))
            .collect(),
        Err(_) => Vec::new(),
    };
    names.sort();
    let mut source = String::from("[\n");
    for name in names {
        let path = dist.join(&name);
        // Writing to a text cannot fail.
        let _ = writeln!(
            source,
            "    ({name:?}, include_bytes!({:?}).as_slice()),",
            path.display().to_string()
        );
    }
    source.push_str("]\n");
    fs::write(Path::new(&out).join("assets.rs"), source)
}
