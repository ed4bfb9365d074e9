//! Colours, marks and text.

use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Rectangle, Text};
use plotters::prelude::{DrawingArea, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontFamily, FontStyle, IntoTextStyle, RGBColor, ShapeStyle};

use super::ChartError;

pub(super) const INK: RGBColor = RGBColor(0x1B, 0x26, 0x31);
pub(super) const FAINT: RGBColor = RGBColor(0x6B, 0x77, 0x85);
pub(super) const GRID: RGBColor = RGBColor(0xE3, 0xE8, 0xEE);
pub(super) const SPAN: RGBColor = RGBColor(0xC3, 0xCC, 0xD6);
pub(super) const BAND: RGBColor = RGBColor(0xF6, 0xF8, 0xFA);
pub(super) const OURS: RGBColor = RGBColor(0xD9, 0x48, 0x0F);
const PEER: RGBColor = RGBColor(0x8C, 0x9B, 0xAB);
const FASTEST: RGBColor = RGBColor(0x22, 0x5E, 0xA8);
const BOUND: RGBColor = RGBColor(0x2F, 0x8F, 0x6B);
const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);

/// What stands for an entrant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Ours,
    Variant,
    Peer,
    FastestPeer,
    FirstBound,
    SecondBound,
}

/// Which end of a text is at the given place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// The picture, in pixels from the top left corner.
pub(super) struct Canvas<'s>(DrawingArea<SVGBackend<'s>, Shift>);

impl<'s> Canvas<'s> {
    pub(super) fn new(area: DrawingArea<SVGBackend<'s>, Shift>) -> Result<Self, ChartError> {
        area.fill(&PAPER).map_err(failed)?;
        Ok(Self(area))
    }

    pub(super) fn finish(&self) -> Result<(), ChartError> {
        self.0.present().map_err(failed)
    }

    /// `y` is the base line.
    pub(super) fn text(
        &self,
        x: i32,
        y: i32,
        size: i32,
        colour: RGBColor,
        align: Align,
        text: &str,
    ) -> Result<(), ChartError> {
        let horizontal = match align {
            Align::Left => HPos::Left,
            Align::Centre => HPos::Center,
            Align::Right => HPos::Right,
        };
        let weight = if size > 12 { FontStyle::Bold } else { FontStyle::Normal };
        let style = (FontFamily::Name("Helvetica, Arial, DejaVu Sans, sans-serif"), size, weight, &colour);
        let style = style.into_text_style(&self.0).pos(Pos::new(horizontal, VPos::Bottom));
        self.0.draw(&Text::new(text, (x, y + size / 4), style)).map_err(failed)
    }

    pub(super) fn line(
        &self,
        from: (i32, i32),
        to: (i32, i32),
        colour: RGBColor,
        width: u32,
    ) -> Result<(), ChartError> {
        let style = ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: width };
        self.0.draw(&PathElement::new([from, to], style)).map_err(failed)
    }

    pub(super) fn fill(&self, corner: (i32, i32), opposite: (i32, i32), colour: RGBColor) -> Result<(), ChartError> {
        self.0.draw(&Rectangle::new([corner, opposite], colour.filled())).map_err(failed)
    }

    pub(super) fn mark(&self, mark: Mark, x: i32, y: i32) -> Result<(), ChartError> {
        let dot = |radius: i32, style: ShapeStyle| self.0.draw(&Circle::new((x, y), radius, style)).map_err(failed);
        let ring = |radius: i32, colour: RGBColor| {
            dot(radius, PAPER.filled())?;
            dot(radius, ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: 2 })
        };
        match mark {
            Mark::Ours => dot(5, OURS.filled()),
            Mark::FastestPeer => dot(4, FASTEST.filled()),
            Mark::Peer => dot(3, PEER.mix(0.6).filled()),
            Mark::FirstBound => self.line((x, y - 6), (x, y + 6), BOUND, 3),
            Mark::SecondBound => ring(3, BOUND),
            Mark::Variant => ring(4, OURS),
        }
    }
}

fn failed(error: impl std::fmt::Display) -> ChartError {
    ChartError::Drawing(error.to_string())
}
