//! Every kind of mutant is written so that it can be switched on, and nothing is changed while none is.

use crate::list::{Genre, LineSpan, Mutant, Place};
use crate::schema::{Schema, schema};

/// A mutant of `source` at the last place that reads `at`.
fn mutant(source: &str, genre: Genre, at: &str, replacement: &str) -> Mutant {
    let place = |byte: usize| Place { line: 1, column: source[..byte].chars().count() + 1 };
    let start = source.rfind(at).expect("the place");
    Mutant {
        file: "x.rs".into(),
        name: String::new(),
        genre,
        replacement: replacement.into(),
        span: LineSpan { start: place(start), end: place(start + at.len()) },
    }
}

fn written(source: &str, mutants: &[Mutant]) -> Schema {
    let numbered: Vec<(u32, &Mutant)> = (1..).zip(mutants).collect();
    schema(source, &numbered, 0).expect("Rust")
}

#[track_caller]
fn writes(source: &str, genre: Genre, at: &str, replacement: &str, expected: &str) {
    let schema = written(source, &[mutant(source, genre, at, replacement)]);
    assert_eq!(schema.left_out, []);
    assert_eq!(schema.text, expected);
}

#[test]
fn operators_change_with_everything_around_them() {
    // As cargo-mutants would write it: of three operands `&&` then takes the last two.
    let expected = "fn f() -> bool { (match crate::mutant::at(0) { 1 => (a || b  &&  c), _ => (a || b || c) }) }";
    writes("fn f() -> bool { a || b || c }", Genre::BinaryOperator, "||", "&&", expected);
}

#[test]
fn bodies_are_left_early() {
    let expected = "fn f() -> u8 { match crate::mutant::at(0) { 1 => return 0, _ => {} }\n7 }";
    writes("fn f() -> u8 { 7 }", Genre::FnValue, "7", "0", expected);
    // What a constant function would ask for is not constant.
    let expected = " fn f() -> u8 { match crate::mutant::at(1) { 1 => return 0, _ => {} }\n7 }";
    writes("const fn f() -> u8 { 7 }", Genre::FnValue, "7", "0", expected);
}

#[test]
fn arms_and_guards_have_a_switch() {
    let source = "fn f() { match x { 1 => a(), _ => b() } }";
    let expected = "fn f() { match x { 1 if !crate::mutant::is(0, 1) => a(), _ => b() } }";
    writes(source, Genre::MatchArm, "1 => a()", "", expected);
    let source = "fn f() { match x { n if n > 1 => a(), _ => b() } }";
    let expected =
        "fn f() { match x { n if (match crate::mutant::at(0) { 1 => (true), _ => (n > 1) }) => a(), _ => b() } }";
    writes(source, Genre::MatchArmGuard, "n > 1", "true", expected);
}

#[test]
fn what_has_no_wildcard_or_is_a_let_chain_is_left_out() {
    let source = "fn f() { match x { A => a(), B => b() } }";
    assert_eq!(written(source, &[mutant(source, Genre::MatchArm, "A => a()", "")]).left_out.len(), 1);
    let source = "fn f() { if a && let Some(x) = y {} }";
    assert_eq!(written(source, &[mutant(source, Genre::BinaryOperator, "&&", "||")]).left_out.len(), 1);
}

#[test]
fn one_mutant_stands_in_another_only_as_the_original() {
    let source = "fn f() -> bool { !a == b }";
    let mutants = [mutant(source, Genre::BinaryOperator, "==", "!="), mutant(source, Genre::UnaryOperator, "!", "")];
    let schema = written(source, &mutants);
    let expected = "fn f() -> bool { (match crate::mutant::at(0) { 1 => (!a  !=  b), _ => ((match crate::mutant::at(1) { \
                    2 => (  a), _ => (!a) }) == b) }) }";
    assert_eq!(schema.text, expected);
    assert_eq!(schema.sites, [(1, vec![2]), (0, vec![1])]);
}
