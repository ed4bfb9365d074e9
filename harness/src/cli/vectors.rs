//! `mqttspec vectors`: the test vectors of one version, to standard output or into a file.

use mqttspec_reports::exit_code::{INTERNAL, SUCCESS, USAGE};

use super::args::{VectorFormat, VectorsArgs};
use super::output::{complain, say};
use super::output_file::may_be_written;
use crate::report_dir::write_whole;
use crate::vectors::{header, is_ours, json};

pub(super) fn vectors(args: &VectorsArgs) -> u8 {
    if let Some(Err(why)) = args.output.as_deref().map(|file| may_be_written(file, "test vectors", is_ours)) {
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
            INTERNAL
        }
    }
}
