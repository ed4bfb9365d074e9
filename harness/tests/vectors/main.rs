//! The files of test vectors: what is committed is what is generated, and others can use it.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

mod command;
mod files;
mod runners;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn mqttspec(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
    command.args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// `codec/vectors`.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../codec/vectors")
}

/// A directory of one test's own, empty.
fn scratch(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("vectors").join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
