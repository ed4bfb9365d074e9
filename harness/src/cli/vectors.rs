//! `mqttspec vectors`: the test vectors of one version, to standard output or into a file.

use std::fs;
use std::io;
use std::path::Path;

use mqttspec_reports::exit_code::{SUCCESS, USAGE};

use super::args::{VectorFormat, VectorsArgs};
use super::output::{complain, say};
use crate::report_dir::write_whole;
use crate::vectors::{header, is_ours, json};

pub(super) fn vectors(args: &VectorsArgs) -> u8 {
    if let Some(Err(why)) = args.output.as_deref().map(may_be_replaced) {
        complain(&why);
        return USAGE;
    }
    let text = match args.format {
        VectorFormat::Json => json(args.spec),
        VectorFormat::C => header(args.spec),
    };
    let Some(file) = &args.output else {
        say(&text);
        return SUCCESS;
    };
    match write_whole(file, &text) {
        Ok(()) => SUCCESS,
        Err(why) => {
            complain(&why);
            USAGE
        }
    }
}

/// Only vectors make way for vectors.
fn may_be_replaced(file: &Path) -> Result<(), String> {
    let shown = file.display();
    if file.is_dir() {
        return Err(format!("--output {shown} is a directory: expected a file"));
    }
    match fs::read(file) {
        Ok(content) if is_ours(&content) => Ok(()),
        Ok(_) => Err(format!("{shown} holds no test vectors and is not overwritten: name another file or remove it")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("{shown} is in the way: {error}")),
    }
}
