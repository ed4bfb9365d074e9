//! Runs the comparison and prints it.

fn main() {}
