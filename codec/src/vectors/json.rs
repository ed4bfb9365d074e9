//! The form of a vector in the committed files; their schema is `codec/vectors/schema.json`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::ser::{Serialize, Serializer};

use super::{Direction, Flag, Run, Vector, runs};
use crate::{Level, PacketBuf, PacketType, ReasonCode, Violation, ViolationKind};

#[derive(serde::Serialize)]
struct Form<'a> {
    id: &'a str,
    comment: &'a str,
    valid: bool,
    packet_type: Option<PacketType>,
    direction: Direction,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<Vec<(String, usize)>>,
    flags: &'a [Flag],
    statements: &'a [&'static str],
    reason_code: Option<ReasonCode>,
    reason_codes: &'a [ReasonCode],
    violations: Vec<ViolationForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<&'a PacketBuf>,
}

#[derive(serde::Serialize)]
struct ViolationForm<'a> {
    kind: ViolationKind,
    offset: usize,
    level: Level,
    statement: Option<&'static str>,
    section: &'static str,
    message: &'a str,
}

impl Serialize for Vector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let large = self.has(Flag::Large);
        let form = Form {
            id: &self.id,
            comment: &self.comment,
            valid: self.valid,
            packet_type: self.packet_type,
            direction: self.direction,
            bytes: (!large).then(|| hex(&self.bytes)),
            runs: large.then(|| runs(&self.bytes).iter().map(|Run { bytes, times }| (hex(bytes), *times)).collect()),
            flags: &self.flags,
            statements: &self.statements,
            reason_code: self.reason_code,
            reason_codes: &self.reason_codes,
            violations: self.violations.iter().map(ViolationForm::from).collect(),
            packet: self.packet.as_ref().filter(|_| !large),
        };
        form.serialize(serializer)
    }
}

impl<'a> From<&'a Violation> for ViolationForm<'a> {
    fn from(violation: &'a Violation) -> Self {
        let Violation { offset, kind, statement, section, level, message, .. } = violation;
        Self { kind: *kind, offset: *offset, level: *level, statement: *statement, section, message }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
