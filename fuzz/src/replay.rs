//! Replaying inputs without a fuzzer, on any toolchain.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

/// Runs `target` on each file that the command line names, and says which one it is before it does.
///
/// It fails with 2 when no file is named or one cannot be read.
///
/// # Panics
/// When the target finds something.
pub fn replay(target: fn(&[u8])) -> ExitCode {
    let files: Vec<_> = env::args_os().skip(1).collect();
    if files.is_empty() {
        eprintln!("name the files to replay, or fuzz with `cargo fuzz run -s none <target>`; see fuzz/README.md");
        return ExitCode::from(2);
    }
    for file in &files {
        let path = Path::new(file);
        match fs::read(path) {
            Ok(data) => {
                eprintln!("{}: {} bytes", path.display(), data.len());
                target(&data);
            }
            Err(error) => {
                eprintln!("failed to read {}: {error}", path.display());
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}
