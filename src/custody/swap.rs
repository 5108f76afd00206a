//! Where memory may be swapped out to: a disk that keeps what it is given, or none.
//!
//! A page that was swapped out survives the process it belonged to. Where the disk below is encrypted, or
//! the place is memory itself (zram without a disk behind it), what survives cannot be read.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// How many places of this machine memory may be swapped out to on a disk that is not encrypted.
///
/// # Errors
/// When `/proc/swaps` cannot be read.
pub fn unencrypted() -> io::Result<usize> {
    below(Path::new("/"))
}

/// The same of a machine whose `/proc`, `/sys` and files lie below `root`.
fn below(root: &Path) -> io::Result<usize> {
    let swaps = fs::read_to_string(root.join("proc/swaps"))?;
    // The first line is a heading: name, type, size, used, priority.
    let places = swaps.lines().skip(1).filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((unescaped(words.next()?), words.next()?))
    });
    let open = places.filter(|(name, kind)| {
        let device = match *kind {
            "file" => device_of(root, name),
            _ => Path::new(name)
                .file_name()
                .map(|n| n.to_string_lossy().into_owned()),
        };
        device.is_none_or(|d| !keeps_secrets(root, &d, 0))
    });
    Ok(open.count())
}

/// Devices may lie on devices: no deeper than this.
const DEEPEST: u8 = 8;

/// Is what this device is given encrypted, or kept in memory alone?
fn keeps_secrets(root: &Path, device: &str, depth: u8) -> bool {
    let about = root.join("sys/class/block").join(device);
    let says = |file: &str| fs::read_to_string(about.join(file)).unwrap_or_default();
    if device.starts_with("zram") {
        // Memory, unless a disk stands behind it.
        return matches!(says("backing_dev").trim(), "" | "none");
    }
    if says("dm/uuid").starts_with("CRYPT-") {
        return true;
    }
    let lies_on: Vec<String> = fs::read_dir(about.join("slaves"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|d| d.file_name().to_string_lossy().into_owned())
        .collect();
    depth < DEEPEST
        && !lies_on.is_empty()
        && lies_on.iter().all(|d| keeps_secrets(root, d, depth + 1))
}

/// The device that a file lies on, by the name the system has for it.
fn device_of(root: &Path, file: &str) -> Option<String> {
    let file = root.join(file.trim_start_matches('/'));
    let dev = fs::metadata(file).ok()?.dev();
    let number = format!("{}:{}", libc::major(dev), libc::minor(dev));
    let place: PathBuf = fs::canonicalize(root.join("sys/dev/block").join(number)).ok()?;
    Some(place.file_name()?.to_string_lossy().into_owned())
}

/// `/proc` writes blanks in names as `\040`.
fn unescaped(name: &str) -> String {
    name.replace("\\040", " ").replace("\\011", "\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new(swaps: &str) -> Machine {
            let machine = Machine(tempfile::tempdir().unwrap());
            let heading = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
            machine.has("proc/swaps", &format!("{heading}{swaps}"))
        }

        fn has(self, path: &str, text: &str) -> Machine {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
            self
        }

        fn open(&self) -> usize {
            below(self.0.path()).unwrap()
        }
    }

    #[test]
    fn no_swap_is_no_place() {
        assert_eq!(Machine::new("").open(), 0);
        assert!(below(Path::new("/no/such/root")).is_err());
    }

    #[test]
    fn a_plain_disk_keeps_no_secrets_and_an_encrypted_one_does() {
        let plain = "/dev/sda2 partition 2097148 0 -2\n";
        assert_eq!(Machine::new(plain).open(), 1);
        let crypt = "/dev/dm-0 partition 2097148 0 -2\n";
        let machine = Machine::new(crypt);
        assert_eq!(machine.open(), 1);
        let machine = machine.has("sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-0123-swap\n");
        assert_eq!(machine.open(), 0);
        // A volume on an encrypted disk is encrypted; one on that and a plain one is not.
        let lvm = Machine::new("/dev/dm-1 partition 2097148 0 -2\n")
            .has("sys/class/block/dm-1/dm/uuid", "LVM-abc\n")
            .has("sys/class/block/dm-1/slaves/dm-0/dev", "253:0\n")
            .has("sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-0123\n");
        assert_eq!(lvm.open(), 0);
        let half = lvm.has("sys/class/block/dm-1/slaves/sdb1/dev", "8:17\n");
        assert_eq!(half.open(), 1);
    }

    #[test]
    fn compressed_memory_is_memory_unless_a_disk_is_behind_it() {
        let zram = Machine::new("/dev/zram0 partition 4194300 0 100\n");
        assert_eq!(zram.open(), 0);
        let backed = zram.has("sys/class/block/zram0/backing_dev", "/dev/sda3\n");
        assert_eq!(backed.open(), 1);
    }

    #[test]
    fn a_file_is_as_its_disk_and_one_that_cannot_be_told_is_not_trusted() {
        let machine = Machine::new("/swap\\040file file 2097148 0 -2\n/gone file 1 0 -3\n");
        assert_eq!(machine.open(), 2);
        let machine = machine.has("swap file", "");
        let dev = fs::metadata(machine.0.path().join("swap file"))
            .unwrap()
            .dev();
        let number = format!("sys/dev/block/{}:{}/x", libc::major(dev), libc::minor(dev));
        // The system links numbers to names; a folder of the number's own name serves as one.
        let name = format!("{}:{}", libc::major(dev), libc::minor(dev));
        let machine = machine.has(&number, "").has(
            &format!("sys/class/block/{name}/dm/uuid"),
            "CRYPT-PLAIN-x\n",
        );
        assert_eq!(machine.open(), 1);
    }
}
