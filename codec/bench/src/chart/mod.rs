//! The report as a picture: a line for each job, a dot for each entrant, on a logarithmic scale.

mod ink;
mod panel;
mod scale;

use std::fmt;

use plotters::prelude::{IntoDrawingArea, SVGBackend};

use crate::report::Row;
use crate::{Kind, Report};
use ink::{Align, Canvas};
use panel::Panel;
use scale::Scale;

/// Width of a panel in pixels, alone and beside peers; two panels stand side by side.
const PANEL_WIDTH: i32 = 640;
const PANEL_WIDTH_WITH_PEERS: i32 = 880;
const MARGIN: i32 = 28;
/// Title, machine and legend.
const HEAD: i32 = 104;
/// Height of a panel without its lines.
const PANEL_FRAME: i32 = 74;
const LINE: i32 = 22;

/// Why there is no picture.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChartError {
    /// Nothing was timed.
    Empty,
    /// The drawing library failed; its words.
    Drawing(String),
}

impl fmt::Display for ChartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("nothing was timed"),
            Self::Drawing(words) => write!(f, "drawing: {words}"),
        }
    }
}

impl std::error::Error for ChartError {}

impl Report {
    /// The title of every chart.
    pub const CHART_TITLE: &'static str = "mqttspec bench: nanoseconds per packet";

    /// The report as an SVG picture: nanoseconds per packet of every job, ours among the others and the bounds.
    ///
    /// # Errors
    /// When nothing was timed, or the drawing library fails.
    pub fn to_svg(&self) -> Result<String, ChartError> {
        let scale = Scale::of(self).ok_or(ChartError::Empty)?;
        let bands = self.bands();
        let columns = bands.iter().map(Vec::len).max().unwrap_or(1) as i32;
        let lines = |band: &[(String, Vec<&Row>)]| band.iter().map(|(_, rows)| rows.len()).max().unwrap_or(0) as i32;
        let heights: Vec<i32> = bands.iter().map(|band| PANEL_FRAME + LINE * lines(band)).collect();
        let panel_width = if self.has_peers() { PANEL_WIDTH_WITH_PEERS } else { PANEL_WIDTH };
        let width = columns * panel_width + 2 * MARGIN;
        let height = HEAD + heights.iter().sum::<i32>() + MARGIN;
        let mut svg = String::new();
        {
            let size = (width.unsigned_abs(), height.unsigned_abs());
            let canvas = Canvas::new(SVGBackend::with_string(&mut svg, size).into_drawing_area())?;
            self.head(&canvas)?;
            let mut top = HEAD;
            for (band, height) in bands.iter().zip(&heights) {
                for (column, (title, rows)) in band.iter().enumerate() {
                    let left = MARGIN + column as i32 * panel_width;
                    Panel { report: self, scale: &scale, width: panel_width, left, top, title, rows }.draw(&canvas)?;
                }
                top += height;
            }
            canvas.finish()?;
        }
        // A title names the picture to those who cannot see it, and the file to whoever would overwrite it.
        let title = format!("<title>{}</title>", Self::CHART_TITLE);
        let inside = svg.find("<svg").and_then(|at| Some(at + svg.get(at..)?.find('>')? + 1));
        svg.insert_str(inside.unwrap_or(0), &title);
        Ok(svg)
    }

    /// A band for each version: the panels that stand side by side.
    fn bands(&self) -> Vec<Vec<(String, Vec<&Row>)>> {
        let mut versions: Vec<_> = self.rows.iter().map(|row| row.version).collect();
        versions.dedup();
        let panel = |version, decode: bool| {
            let rows = self.rows.iter().filter(|row| row.version == version && row.operation.is_decode() == decode);
            let rows: Vec<&Row> = rows.filter(|row| row.cells.iter().any(|cell| cell.ns().is_some())).collect();
            let title = format!("MQTT {version} · {}", if decode { "decode" } else { "encode" });
            (!rows.is_empty()).then_some((title, rows))
        };
        let band = |version| [panel(version, true), panel(version, false)].into_iter().flatten().collect::<Vec<_>>();
        versions.into_iter().map(band).filter(|band| !band.is_empty()).collect()
    }

    fn head(&self, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        let machine = &self.machine;
        let ours = self.ours().map_or("codecs", |at| self.entrants[at].name.as_str());
        canvas.text(MARGIN, 36, 22, ink::INK, Align::Left, &format!("{ours}: nanoseconds per packet"))?;
        let optimised = if machine.is_optimised() { "" } else { " · NOT OPTIMISED" };
        let build = format!(
            "{} · {} · {}, opt-level {}{optimised} · median of interleaved rounds, whisker 5th to 95th percentile",
            machine.cpu, machine.target, machine.rustc, machine.opt_level
        );
        canvas.text(MARGIN, 58, 12, ink::FAINT, Align::Left, &build)?;
        let mut x = MARGIN + 6;
        let mut legend: Vec<(ink::Mark, String)> = vec![(ink::Mark::Ours, ours.to_owned())];
        let variant = self.entrants.iter().find(|entrant| entrant.kind == Kind::Variant);
        legend.extend(variant.map(|variant| (ink::Mark::Variant, variant.name.clone())));
        if self.has_peers() {
            legend.push((ink::Mark::FastestPeer, "fastest of the others".to_owned()));
            legend.push((ink::Mark::Peer, "another codec".to_owned()));
        }
        let bounds = self.entrants.iter().filter(|entrant| entrant.kind == Kind::Bound);
        for (mark, entrant) in [ink::Mark::FirstBound, ink::Mark::SecondBound].into_iter().zip(bounds) {
            legend.push((mark, format!("{} (a bound, no codec)", entrant.name)));
        }
        for (mark, text) in legend {
            canvas.mark(mark, x, 80)?;
            canvas.text(x + 12, 84, 12, ink::INK, Align::Left, &text)?;
            x += 40 + 7 * text.chars().count() as i32;
        }
        Ok(())
    }
}
