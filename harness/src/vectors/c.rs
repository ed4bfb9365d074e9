//! The C form: one self-contained header of C99 whose tables can stay in flash.

use std::fmt::Write;

use mqttspec_codec::vectors::{Direction, Flag, Run, Vector, runs, vectors};
use mqttspec_codec::{Level, ProtocolVersion, Violation};

use super::{C_MARK, version_slug};

/// The vectors of `version` as a header of C99.
pub fn header(version: ProtocolVersion) -> String {
    let all = vectors(version);
    let slug = version_slug(version);
    let mut out = format!(
        "{C_MARK}: test vectors for MQTT {version}.\n\
         * Made by `mqttspec vectors --spec {version} --format c`; MIT licence. Do not edit.\n{INTRODUCTION}"
    );
    out.push_str(&format!("#ifndef MQTTSPEC_VECTORS_{slug}_H\n#define MQTTSPEC_VECTORS_{slug}_H\n\n"));
    out.push_str("#include <stddef.h>\n#include <stdint.h>\n\n");
    out.push_str("#ifndef MQTTSPEC_VECTORS_TYPES\n#define MQTTSPEC_VECTORS_TYPES\n\n");
    for (bit, flag) in Flag::ALL.iter().enumerate() {
        let name = constant(flag.id());
        out.push_str(&format!("/* {} */\n#define MQTTSPEC_{name} 0x{:04X}u\n", flag.describe(), 1 << bit));
    }
    out.push_str(TYPES);
    out.push_str("\n#endif /* MQTTSPEC_VECTORS_TYPES */\n\n");
    for (index, vector) in all.iter().enumerate() {
        out.push_str(&data(vector, &format!("mqttspec_{slug}_{index}")));
    }
    out.push_str(&format!("\nstatic const mqttspec_vector mqttspec_vectors_{slug}[] = {{\n"));
    for (index, vector) in all.iter().enumerate() {
        let row = row(vector, &format!("mqttspec_{slug}_{index}"));
        if vector.has(Flag::Large) {
            out.push_str(&format!("#ifndef MQTTSPEC_NO_LARGE\n{row}#endif\n"));
        } else {
            out.push_str(&row);
        }
    }
    out.push_str("};\n\n");
    out.push_str(&format!(
        "#define MQTTSPEC_VECTORS_{slug}_VERSION \"{version}\"\n\
         #define MQTTSPEC_VECTORS_{slug}_COUNT (sizeof mqttspec_vectors_{slug} / sizeof mqttspec_vectors_{slug}[0])\n\n\
         #endif /* MQTTSPEC_VECTORS_{slug}_H */\n"
    ));
    out
}

const INTRODUCTION: &str = " *
 * A decoder accepts a vector when it delivers one packet and consumes every byte. It must accept a vector whose `valid`
 * is 1 unless MQTTSPEC_MAY_REFUSE is among its flags, and must not accept another unless MQTTSPEC_MAY_ACCEPT is.
 *
 * Before including it you may define
 *   MQTTSPEC_NO_LARGE     leaves out the vectors of more than 1,024 bytes
 *   MQTTSPEC_NO_COMMENTS  leaves out the comments: `comment` is \"\"
 */
";

const TYPES: &str = "
#ifdef MQTTSPEC_NO_COMMENTS
#define MQTTSPEC_COMMENT(text) \"\"
#else
#define MQTTSPEC_COMMENT(text) text
#endif

/* Who sends it. */
#define MQTTSPEC_CLIENT 1u
#define MQTTSPEC_SERVER 2u
#define MQTTSPEC_BOTH 3u

/* A piece of a large vector, and how often it stands in a row. */
typedef struct {
    const uint8_t *bytes;
    uint32_t length;
    uint32_t times;
} mqttspec_run;

typedef struct {
    const char *id;            /* the name of the vector, the same in every release */
    const char *comment;       /* what is special about it */
    const uint8_t *bytes;      /* null when it is large or empty */
    const mqttspec_run *runs;  /* null unless it is large */
    uint32_t run_count;
    uint32_t length;           /* bytes in all */
    uint32_t offset;           /* of the first thing that is wrong; 0 when it is valid */
    const char *kind;          /* what is wrong first, such as \"invalid-flags\"; \"\" when it is valid */
    const char *statement;     /* the first statement broken or relied on, such as \"MQTT-2.1.3-1\", or \"\" */
    uint16_t flags;            /* MQTTSPEC_MAY_REFUSE and so on */
    uint8_t valid;             /* 1 or 0 */
    uint8_t packet_type;       /* 1 to 15; 0 when it is reserved or there is no first byte */
    uint8_t direction;         /* MQTTSPEC_CLIENT, MQTTSPEC_SERVER or MQTTSPEC_BOTH */
    uint8_t reason_code;       /* that answers it best in 5.0; 0 when it is valid, or before 5.0 */
} mqttspec_vector;

/* Writes the bytes of any vector to `out`, which has room for `size`; returns how many there are, or 0 when they do not
 * fit. No vector but the one with no bytes has a length of 0. */
static inline uint32_t mqttspec_vector_bytes(const mqttspec_vector *vector, uint8_t *out, uint32_t size)
{
    uint32_t written = 0, run, time, index;
    if (vector->length > size)
        return 0;
    if (vector->runs == NULL) {
        for (index = 0; index < vector->length; index++)
            out[index] = vector->bytes[index];
        return vector->length;
    }
    for (run = 0; run < vector->run_count; run++)
        for (time = 0; time < vector->runs[run].times; time++)
            for (index = 0; index < vector->runs[run].length; index++)
                out[written++] = vector->runs[run].bytes[index];
    return written;
}
";

/// The arrays that hold the bytes.
fn data(vector: &Vector, name: &str) -> String {
    let mut arrays = String::new();
    let mut runs = Vec::new();
    for (piece, run) in pieces(vector).iter().enumerate().filter(|(_, run)| !run.bytes.is_empty()) {
        arrays.push_str(&array(&format!("{name}_{piece}"), &run.bytes));
        runs.push(format!("{{{name}_{piece}, {}u, {}u}}", run.bytes.len(), run.times));
    }
    if !vector.has(Flag::Large) {
        return arrays;
    }
    let runs = runs.join(", ");
    format!("#ifndef MQTTSPEC_NO_LARGE\n{arrays}static const mqttspec_run {name}_runs[] = {{{runs}}};\n#endif\n")
}

/// The bytes in one piece, or in runs when they are many.
fn pieces(vector: &Vector) -> Vec<Run> {
    if vector.has(Flag::Large) { runs(&vector.bytes) } else { vec![Run { bytes: vector.bytes.clone(), times: 1 }] }
}

fn array(name: &str, bytes: &[u8]) -> String {
    let mut out = format!("static const uint8_t {name}[] = {{");
    for (index, byte) in bytes.iter().enumerate() {
        let separator = match index {
            0 => "",
            _ if index % 32 == 0 => ",\n ",
            _ => ",",
        };
        // Writing to a string does not fail.
        let _ = write!(out, "{separator}0x{byte:02X}");
    }
    out.push_str("};\n");
    out
}

fn row(vector: &Vector, name: &str) -> String {
    let first = vector.violations.iter().find(|violation| violation.level == Level::Must);
    let large = vector.has(Flag::Large);
    let bytes = if large || vector.bytes.is_empty() { "NULL".to_owned() } else { format!("{name}_0") };
    let (table, count) = if large { (format!("{name}_runs"), pieces(vector).len()) } else { ("NULL".to_owned(), 0) };
    let flags: u32 = Flag::ALL.iter().enumerate().filter(|(_, f)| vector.has(**f)).map(|(bit, _)| 1 << bit).sum();
    let direction = match vector.direction {
        Direction::Client => 1,
        Direction::Server => 2,
        Direction::Both => 3,
    };
    format!(
        "{{\"{}\", MQTTSPEC_COMMENT({}), {bytes}, {table}, {count}u, {}u, {}u, \"{}\", \"{}\", 0x{flags:04X}u, {}u, {}u, {direction}u, 0x{:02X}u}},\n",
        vector.id,
        literal(&vector.comment),
        vector.bytes.len(),
        first.map_or(0, |violation| violation.offset),
        first.map_or("", |violation: &Violation| violation.kind.id()),
        vector.statements.first().copied().unwrap_or_default(),
        u8::from(vector.valid),
        vector.packet_type.map_or(0, |packet_type| packet_type.value()),
        vector.reason_code.map_or(0, |code| code.0),
    )
}

/// A string literal of C: octal escapes end by themselves, and a question mark could begin a trigraph.
fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' | b'?' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            0x20..=0x7E => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

/// `may-refuse` as a constant: `MAY_REFUSE`.
fn constant(id: &str) -> String {
    id.to_uppercase().replace('-', "_")
}
