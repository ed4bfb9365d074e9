//! One panel: the jobs of one version, decoding or encoding.

use super::ink::{self, Align, Canvas, Mark};
use super::scale::Scale;
use super::{ChartError, LINE};
use crate::report::{Report, Row};
use crate::{Cell, Kind};

/// Room for the name of the job.
const NAMES: i32 = 206;
/// Room for our figure, and for the ratio to the fastest of the others.
const FIGURES: i32 = 66;
const RATIOS: i32 = 150;

pub(super) struct Panel<'r> {
    pub(super) report: &'r Report,
    pub(super) scale: &'r Scale,
    pub(super) width: i32,
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) title: &'r str,
    pub(super) rows: &'r [&'r Row],
}

impl Panel<'_> {
    pub(super) fn draw(&self, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        canvas.text(self.left, self.top + 20, 16, ink::INK, Align::Left, self.title)?;
        let first = self.top + 48;
        let bottom = first + LINE * self.rows.len() as i32;
        for at in (0..self.rows.len() as i32).step_by(2) {
            let top = first + LINE * at;
            canvas.fill((self.left - 6, top), (self.left + self.width - 28, top + LINE), ink::BAND)?;
        }
        for (ns, label) in self.scale.ticks() {
            let x = self.x(ns);
            canvas.line((x, first), (x, bottom), ink::GRID, if label.is_some() { 2 } else { 1 })?;
            if let Some(label) = label {
                canvas.text(x, first - 7, 11, ink::FAINT, Align::Centre, &label)?;
            }
        }
        for (at, row) in self.rows.iter().enumerate() {
            self.line(canvas, row, first + LINE * at as i32 + LINE / 2)?;
        }
        Ok(())
    }

    fn line(&self, canvas: &Canvas<'_>, row: &Row, y: i32) -> Result<(), ChartError> {
        canvas.text(self.left, y + 4, 12, ink::INK, Align::Left, &row.title)?;
        let entrants = &self.report.entrants;
        let fastest = row.fastest_peer(entrants);
        // What matters most is drawn last.
        let mut marks: Vec<(Mark, &Cell)> = Vec::new();
        let mut bounds = [Mark::FirstBound, Mark::SecondBound].into_iter();
        for (at, (entrant, cell)) in entrants.iter().zip(&row.cells).enumerate() {
            let mark = match entrant.kind {
                Kind::Ours => Some(Mark::Ours),
                Kind::Variant => Some(Mark::Variant),
                Kind::Peer if fastest == Some(at) => Some(Mark::FastestPeer),
                Kind::Peer => Some(Mark::Peer),
                Kind::Bound => bounds.next(),
            };
            marks.extend(mark.map(|mark| (mark, cell)));
        }
        let order = [Mark::Peer, Mark::Variant, Mark::SecondBound, Mark::FirstBound, Mark::FastestPeer, Mark::Ours];
        marks.sort_by_key(|(mark, _)| order.iter().position(|other| other == mark));
        let medians = marks.iter().filter_map(|(_, cell)| cell.ns()).map(|ns| self.x(ns.median));
        if let (Some(from), Some(to)) = (medians.clone().min(), medians.max()) {
            canvas.line((from, y), (to, y), ink::SPAN, 1)?;
        }
        for (mark, cell) in marks {
            let Some(ns) = cell.ns() else { continue };
            if mark == Mark::Ours {
                canvas.line((self.x(ns.low), y), (self.x(ns.high), y), ink::OURS, 2)?;
            }
            canvas.mark(mark, self.x(ns.median), y)?;
        }
        self.figures(canvas, row, fastest, y)
    }

    /// What stands to the right of the dots: our time, and how it compares with the fastest of the others.
    fn figures(&self, canvas: &Canvas<'_>, row: &Row, fastest: Option<usize>, y: i32) -> Result<(), ChartError> {
        let right = self.left + self.width - 34 - if self.report.has_peers() { RATIOS } else { 0 };
        let ours = self.report.ours().and_then(|at| row.cells.get(at)).and_then(Cell::ns);
        if let Some(ours) = ours {
            canvas.text(right, y + 4, 12, ink::OURS, Align::Right, &time(ours.median))?;
        }
        let Some((at, ratio)) = fastest.and_then(|at| Some((at, row.cells.get(at)?.ratio()?))) else { return Ok(()) };
        let name = &self.report.entrants[at].name;
        let name = name.split(' ').next().unwrap_or(name);
        canvas.text(right + 10, y + 4, 11, ink::FAINT, Align::Left, &format!("{:.2}× {name}", ratio.median))
    }

    fn x(&self, ns: f64) -> i32 {
        let right = self.width - 40 - FIGURES - if self.report.has_peers() { RATIOS } else { 0 };
        let width = right - NAMES;
        self.left + NAMES + (f64::from(width) * self.scale.place(ns)).round() as i32
    }
}

fn time(ns: f64) -> String {
    match ns {
        ns if ns >= 1e4 => format!("{:.1} µs", ns / 1e3),
        ns if ns >= 100.0 => format!("{ns:.0} ns"),
        ns => format!("{ns:.1} ns"),
    }
}
