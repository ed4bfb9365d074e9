//! Tells the program how it was built: figures from unoptimised code mean nothing.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for (name, from) in [("OPT_LEVEL", "OPT_LEVEL"), ("TARGET", "TARGET")] {
        let value = std::env::var(from).unwrap_or_default();
        println!("cargo::rustc-env=MQTTSPEC_BENCH_{name}={value}");
    }
    // Set in the environment, it cuts release builds into many small units too, which are slow code.
    println!("cargo::rerun-if-env-changed=CARGO_INCREMENTAL");
    println!("cargo::rustc-check-cfg=cfg(incremental)");
    if std::env::var("CARGO_INCREMENTAL").is_ok_and(|value| value == "1") {
        println!("cargo::rustc-cfg=incremental");
    }
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = std::process::Command::new(rustc).arg("--version").output();
    let version = version.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let version = version.split(" (").next().unwrap_or_default().trim();
    println!("cargo::rustc-env=MQTTSPEC_BENCH_RUSTC={version}");
}
