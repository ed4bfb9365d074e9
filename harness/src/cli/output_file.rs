//! `--output FILE`: only what mqttspec has written itself makes way for what it writes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// What an older file is known by stands within this many bytes of its beginning.
const LOOKED_AT: u64 = 1 << 20;

/// Whether `what` may be written to `file`: nothing is there yet, or nothing in it, or something that `is_ours`
/// recognises by its beginning. Finds out before the work is done whether the folder can be written to.
///
/// # Errors
/// One line that says what is in the way.
pub(super) fn may_be_written(file: &Path, what: &str, is_ours: impl Fn(&[u8]) -> bool) -> Result<(), String> {
    let shown = file.display();
    match fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(format!("cannot write --output {shown}: {error}")),
        Ok(there) if there.is_dir() => return Err(format!("--output {shown} is a directory: expected a file")),
        // Reading a terminal or a pipe would wait for ever, and a new file in the place of a device would do harm.
        Ok(there) if !there.is_file() => {
            return Err(format!("--output {shown} is a device or a pipe: expected a file"));
        }
        Ok(_) => {
            let start = start_of(file).map_err(|error| format!("--output {shown} is in the way: {error}"))?;
            if !start.is_empty() && !is_ours(&start) {
                return Err(format!(
                    "--output {shown} holds no {what} of mqttspec and is not overwritten: name another file or remove it"
                ));
            }
        }
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let probe = file.with_file_name(format!(".{name}.{}", std::process::id()));
    fs::write(&probe, "").map_err(|error| format!("cannot write --output {shown}: {error}"))?;
    let _ = fs::remove_file(&probe);
    Ok(())
}

fn start_of(file: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(file)?.take(LOOKED_AT).read_to_end(&mut start)?;
    Ok(start)
}
