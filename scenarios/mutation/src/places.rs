//! Where in a file an expression, a match arm or a function stands that a mutant changes.

use std::collections::HashMap;
use std::ops::Range;

use proc_macro2::LineColumn;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, Pat, ReturnType, Signature};

/// What a mutant of each kind needs to know, found by the place (line, column from 1) at which cargo-mutants says it begins.
#[derive(Default)]
pub(crate) struct Places {
    /// Operator → the whole of the operands and operators that it stands among, without parentheses. None in a let chain.
    pub(crate) operators: HashMap<(usize, usize), Option<Range<usize>>>,
    /// Negation → the expression with it.
    pub(crate) negations: HashMap<(usize, usize), Range<usize>>,
    /// Field → the struct literal.
    pub(crate) fields: HashMap<(usize, usize), Field>,
    /// Match arm → where its pattern ends, and its guard.
    pub(crate) arms: HashMap<(usize, usize), Arm>,
    /// The functions, outer before inner.
    pub(crate) functions: Vec<Function>,
    root: Option<Range<usize>>,
}

/// A field of a struct literal.
pub(crate) struct Field {
    /// The literal.
    pub(crate) literal: Range<usize>,
    /// The field, with the comma behind it.
    pub(crate) field: Range<usize>,
}

/// A match arm.
pub(crate) struct Arm {
    /// The first byte behind the pattern.
    pub(crate) pattern_end: usize,
    /// The expression behind `if`.
    pub(crate) guard: Option<Range<usize>>,
    /// Whether another arm takes whatever this one does not.
    pub(crate) has_fallback: bool,
}

/// A function with a body.
pub(crate) struct Function {
    /// The body with its braces.
    pub(crate) block: Range<usize>,
    /// The word `const`, if it is there.
    pub(crate) constant: Option<Range<usize>>,
    /// Whether it returns an `impl Trait`.
    pub(crate) opaque: bool,
}

impl Places {
    /// The places of a file.
    ///
    /// # Errors
    ///
    /// When `source` is not Rust.
    pub(crate) fn of(source: &str) -> syn::Result<Self> {
        let mut places = Self::default();
        places.visit_file(&syn::parse_file(source)?);
        Ok(places)
    }

    fn function(&mut self, signature: &Signature, block: &syn::Block) {
        self.functions.push(Function {
            block: block.span().byte_range(),
            constant: signature.constness.map(|word| word.span.byte_range()),
            opaque: matches!(&signature.output, ReturnType::Type(_, kind) if matches!(**kind, syn::Type::ImplTrait(_))),
        });
    }

    fn operand(&mut self, operand: &Expr, root: Option<&Range<usize>>) {
        self.root = root.filter(|_| matches!(operand, Expr::Binary(_))).cloned();
        self.visit_expr(operand);
        self.root = None;
    }
}

impl<'ast> Visit<'ast> for Places {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let root =
            if has_let(binary) { None } else { Some(self.root.take().unwrap_or_else(|| binary.span().byte_range())) };
        self.operators.insert(key(binary.op.span().start()), root.clone());
        self.operand(&binary.left, root.as_ref());
        self.operand(&binary.right, root.as_ref());
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        self.negations.insert(key(unary.op.span().start()), unary.span().byte_range());
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_struct(&mut self, literal: &'ast syn::ExprStruct) {
        for pair in literal.fields.pairs() {
            let field = pair.value().span().byte_range();
            let end = pair.punct().map_or(field.end, |comma| comma.span().byte_range().end);
            let place = Field { literal: literal.span().byte_range(), field: field.start..end };
            self.fields.insert(key(pair.value().span().start()), place);
        }
        visit::visit_expr_struct(self, literal);
    }

    fn visit_expr_match(&mut self, matched: &'ast syn::ExprMatch) {
        let takes_all = |pattern: &Pat| match pattern {
            Pat::Wild(_) => true,
            // A name, not a constant or a variant.
            Pat::Ident(name) => name.ident.to_string().starts_with(char::is_lowercase),
            _ => false,
        };
        let is_fallback = |arm: &syn::Arm| arm.guard.is_none() && takes_all(&arm.pat);
        let has_fallback = matched.arms.iter().any(is_fallback);
        for arm in &matched.arms {
            let guard = arm.guard.as_ref().map(|(_, guard)| guard.span().byte_range());
            let place = Arm { pattern_end: arm.pat.span().byte_range().end, guard, has_fallback };
            self.arms.insert(key(arm.span().start()), place);
        }
        visit::visit_expr_match(self, matched);
    }
}

/// Whether the operands are those of a let chain.
fn has_let(binary: &syn::ExprBinary) -> bool {
    let in_operand = |operand: &Expr| match operand {
        Expr::Let(_) => true,
        Expr::Binary(inner) => has_let(inner),
        _ => false,
    };
    matches!(binary.op, BinOp::And(_)) && (in_operand(&binary.left) || in_operand(&binary.right))
}

fn key(place: LineColumn) -> (usize, usize) {
    (place.line, place.column + 1)
}
