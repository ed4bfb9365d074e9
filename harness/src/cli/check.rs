//! `mqttspec check`: what a capture shows of both sides.

use mqttspec_reports::TargetInfo;
use mqttspec_reports::exit_code::{NOTHING_SELECTED, SUCCESS, USAGE};
use mqttspec_reports::text::plural;

use super::output::{complain, complain_plainly, say};
use super::passive_args::CheckArgs;
use super::passive_report::{Reporting, report};
use crate::passive::Scope;
use crate::passive::capture::{USUAL_PORTS, check_file};
use crate::report_dir::ReportDir;

pub(super) fn check(args: &CheckArgs) -> u8 {
    let prepared = args.shared.report.as_deref().map(ReportDir::prepare).transpose();
    let dir = match prepared {
        Ok(dir) => dir,
        Err(why) => {
            complain(&why);
            return USAGE;
        }
    };
    let mut code = SUCCESS;
    for file in &args.captures {
        let shown = file.display().to_string();
        let scope = if args.shared.complete { Scope::Everything } else { Scope::Some };
        let mut again = format!("mqttspec check {}", shell_words::quote(&shown));
        for port in &args.port {
            again.push_str(&format!(" --port {port}"));
        }
        if args.shared.complete {
            again.push_str(" --complete");
        }
        let checked = match check_file(file, &args.port, scope, Some(&again)) {
            Ok(checked) => checked,
            Err(why) => {
                complain(&why.to_string());
                code = USAGE;
                continue;
            }
        };
        let outcome = checked.outcome;
        if !args.shared.quiet {
            say(&format!(
                "{shown}: {} with {}, {} of MQTT\n",
                plural(count(checked.packets), "packet"),
                plural(count(checked.connections), "TCP connection"),
                outcome.connections
            ));
            for note in checked.notes.iter().chain(&outcome.notes) {
                say(&format!("note: {note}\n"));
            }
        }
        let nothing = outcome.connections == 0;
        let target = TargetInfo { name: "capture".to_owned(), address: shown.clone(), ..TargetInfo::default() };
        let found = report(
            outcome,
            Reporting {
                command: again,
                target,
                report: dir.as_ref(),
                level: args.shared.level,
                verbosity: args.shared.verbosity(),
                duration_ms: 0,
            },
        );
        let broken = checked.broken.is_some();
        if let Some(why) = checked.broken {
            complain(&format!("{shown}: {why}"));
        } else if nothing {
            complain_plainly(&nothing_found(&shown, &args.port));
        }
        let here = match (broken, nothing) {
            (true, _) => worse(found, USAGE),
            (false, true) => NOTHING_SELECTED,
            (false, false) => found,
        };
        code = worse(code, here);
    }
    code
}

/// A broken statement is graver than a file that cannot be read, and that than one with nothing in it.
fn worse(a: u8, b: u8) -> u8 {
    let rank = |code: u8| match code {
        SUCCESS => 0,
        NOTHING_SELECTED => 1,
        USAGE => 2,
        1 => 3,
        _ => 4,
    };
    if rank(b) > rank(a) { b } else { a }
}

fn nothing_found(file: &str, ports: &[u16]) -> String {
    let where_ = match ports {
        [] => format!(
            "no connection begins with a CONNECT, and none that began before the capture uses port {}; name another \
             with --port. TLS and WebSocket are not decoded",
            USUAL_PORTS[0]
        ),
        ports => {
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            format!("nothing on port {} is MQTT", ports.join(" or "))
        }
    };
    format!("error: {file} shows no MQTT: {where_}")
}

fn count(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
