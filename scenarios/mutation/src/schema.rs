//! One source that holds every mutant, each behind a switch: it is the original while no mutant is active.
//!
//! Only one mutant is ever active, so each stands in the text with the *original* source around it, exactly as
//! cargo-mutants would write it; what is nested is never doubled more than once for each mutant.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::list::{Genre, Mutant};
use crate::places::Places;

/// A place with the mutants that change it.
#[derive(Debug)]
struct Site {
    range: Range<usize>,
    shape: Shape,
    mutants: Vec<(u32, String)>,
}

/// How the mutants of a place are written. Of two with the same range the first here is the outer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    /// The body of a function, whose values are returned early.
    Body,
    /// The body of a function that returns some iterator.
    IteratorBody,
    /// An arm that is taken only while its mutant is not active; the range is its guard, or empty behind the pattern.
    Arm,
    /// An expression.
    Guard,
    /// An expression.
    Operators,
    /// An expression.
    Literal,
    /// An expression.
    Negation,
    /// `const` before a function, which cannot ask for the active mutant.
    Constant,
}

/// The source of a file with its mutants.
pub(crate) struct Schema {
    /// The source.
    pub(crate) text: String,
    /// Where each mutant's own text stands in it.
    pub(crate) mutants: Vec<(Range<usize>, u32)>,
    /// Where each place stands in it, and the mutants of that place.
    pub(crate) places: Vec<(Range<usize>, Vec<u32>)>,
    /// The mutants of each place, by its number.
    pub(crate) sites: Vec<(usize, Vec<u32>)>,
    /// The mutants that cannot be expressed, and why.
    pub(crate) left_out: Vec<(u32, &'static str)>,
}

/// Writes `mutants` (all of one file) into `source`; their places are numbered from `first_site`.
///
/// # Errors
///
/// When `source` is not Rust.
pub(crate) fn schema(source: &str, mutants: &[(u32, &Mutant)], first_site: usize) -> syn::Result<Schema> {
    let places = Places::of(source)?;
    let mut sites: BTreeMap<(usize, usize, Shape), Site> = BTreeMap::new();
    let mut left_out = Vec::new();
    for &(id, mutant) in mutants {
        let (range, shape, text) = match site(source, &places, mutant) {
            Ok(site) => site,
            Err(why) => {
                left_out.push((id, why));
                continue;
            }
        };
        if let Some(word) = function(&places, &range).and_then(|function| function.constant.clone()) {
            let site = Site { range: word.clone(), shape: Shape::Constant, mutants: Vec::new() };
            sites.insert((word.start, usize::MAX - word.end, Shape::Constant), site);
        }
        // Sorted so that an outer place stands before the places in it.
        let place = (range.start, usize::MAX - range.end, shape);
        sites.entry(place).or_insert(Site { range, shape, mutants: Vec::new() }).mutants.push((id, text));
    }
    let sites: Vec<Site> = sites.into_values().collect();
    let mut writer = Writer {
        source,
        sites: &sites,
        first_site,
        out: Schema {
            text: String::with_capacity(source.len() * 4),
            mutants: Vec::new(),
            places: Vec::new(),
            sites: Vec::new(),
            left_out,
        },
    };
    writer.write(0..source.len(), 0..sites.len());
    Ok(writer.out)
}

/// What a mutant replaces, how, and by what; or why it cannot.
fn site(source: &str, places: &Places, mutant: &Mutant) -> Result<(Range<usize>, Shape, String), &'static str> {
    const NOT_FOUND: &str = "scheme: its place was not found";
    let key = (mutant.span.start.line, mutant.span.start.column);
    let start = mutant.span.start.byte(source).ok_or(NOT_FOUND)?;
    let own = start..mutant.span.end.byte(source).ok_or(NOT_FOUND)?;
    let replaced = |whole: &Range<usize>, own: &Range<usize>| {
        format!("{} {} {}", &source[whole.start..own.start], mutant.replacement, &source[own.end..whole.end])
    };
    match mutant.genre {
        Genre::FnValue => {
            let opaque = function(places, &own).ok_or(NOT_FOUND)?.opaque;
            if opaque && mutant.replacement.contains("Box::leak") {
                return Err("rustc: an iterator over `&mut` is none over `&`");
            }
            let shape = if opaque { Shape::IteratorBody } else { Shape::Body };
            Ok((own, shape, mutant.replacement.clone()))
        }
        Genre::BinaryOperator => {
            let whole = places.operators.get(&key).ok_or(NOT_FOUND)?.clone();
            let whole = whole.ok_or("rustc: `let` stands among the operands, which allows no other operator")?;
            Ok((whole.clone(), Shape::Operators, replaced(&whole, &own)))
        }
        Genre::UnaryOperator => {
            let whole = places.negations.get(&key).ok_or(NOT_FOUND)?.clone();
            Ok((whole.clone(), Shape::Negation, replaced(&whole, &own)))
        }
        Genre::StructField => {
            let field = places.fields.get(&key).ok_or(NOT_FOUND)?;
            Ok((field.literal.clone(), Shape::Literal, replaced(&field.literal, &field.field)))
        }
        Genre::MatchArmGuard => Ok((own, Shape::Guard, mutant.replacement.clone())),
        Genre::MatchArm => {
            let arm = places.arms.get(&key).ok_or(NOT_FOUND)?;
            if arm.guard.is_none() && !arm.has_fallback {
                return Err("scheme: no other arm takes everything");
            }
            let range = arm.guard.clone().unwrap_or(arm.pattern_end..arm.pattern_end);
            Ok((range, Shape::Arm, String::new()))
        }
    }
}

/// The innermost function around `range`.
fn function<'p>(places: &'p Places, range: &Range<usize>) -> Option<&'p crate::places::Function> {
    let around = places.functions.iter().filter(|one| one.block.start <= range.start && range.end <= one.block.end);
    around.min_by_key(|one| one.block.len())
}

struct Writer<'a> {
    source: &'a str,
    sites: &'a [Site],
    first_site: usize,
    out: Schema,
}

impl Writer<'_> {
    /// Writes the bytes of `range`, with those of the places `sites` that are in it.
    fn write(&mut self, range: Range<usize>, sites: Range<usize>) {
        let mut at = range.start;
        let mut next = sites.start;
        while next < sites.end {
            let site = &self.sites[next];
            let inner = next + 1
                ..next
                    + 1
                    + self.sites[next + 1..sites.end]
                        .iter()
                        .take_while(|inner| inner.range.start < site.range.end && inner.range.end <= site.range.end)
                        .count();
            self.out.text.push_str(&self.source[at..site.range.start]);
            at = site.range.end;
            let start = self.out.text.len();
            self.write_site(next, inner.clone());
            let ids: Vec<u32> = site.mutants.iter().map(|&(id, _)| id).collect();
            self.out.places.push((start..self.out.text.len(), ids.clone()));
            self.out.sites.push((self.first_site + next, ids));
            next = inner.end;
        }
        self.out.text.push_str(&self.source[at..range.end]);
    }

    fn write_site(&mut self, index: usize, inner: Range<usize>) {
        let site = &self.sites[index];
        let number = self.first_site + index;
        match site.shape {
            Shape::Constant => {}
            Shape::Body => {
                self.text(&format!("match crate::mutant::at({number}) {{ "));
                for (id, text) in &site.mutants {
                    self.text(&format!("{id} => return "));
                    self.mutant(*id, text);
                    self.text(", ");
                }
                self.text("_ => {} }\n");
                self.write(site.range.clone(), inner);
            }
            Shape::IteratorBody => {
                for (id, text) in &site.mutants {
                    self.text(&format!("if crate::mutant::is({number}, {id}) {{ crate::mutant::Either::Mutated("));
                    self.mutant(*id, text);
                    self.text(") } else { crate::mutant::Either::Original({ ");
                }
                self.write(site.range.clone(), inner);
                for _ in &site.mutants {
                    self.text(" }) }");
                }
            }
            Shape::Arm => {
                for &(id, _) in &site.mutants {
                    let before = if site.range.is_empty() { " if " } else { "" };
                    self.mutant(id, &format!("{before}!crate::mutant::is({number}, {id})"));
                }
                if !site.range.is_empty() {
                    self.text(" && (");
                    self.write(site.range.clone(), inner);
                    self.text(")");
                }
            }
            Shape::Guard | Shape::Operators | Shape::Literal | Shape::Negation => {
                self.text(&format!("(match crate::mutant::at({number}) {{ "));
                for (id, text) in &site.mutants {
                    self.text(&format!("{id} => ("));
                    self.mutant(*id, text);
                    self.text("), ");
                }
                self.text("_ => (");
                self.write(site.range.clone(), inner);
                self.text(") })");
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.out.text.push_str(text);
    }

    fn mutant(&mut self, id: u32, text: &str) {
        let start = self.out.text.len();
        self.out.text.push_str(text);
        self.out.mutants.push((start..self.out.text.len(), id));
    }
}
