//! The logarithmic axis that all panels share.

use crate::Report;

/// From nanoseconds to a place on the axis.
pub(super) struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// The scale that holds every figure of the report; `None` when there is none.
    pub(super) fn of(report: &Report) -> Option<Self> {
        let spreads = report.rows.iter().flat_map(|row| &row.cells).filter_map(crate::Cell::ns);
        let (low, high) = spreads.fold((f64::INFINITY, 0.0_f64), |(low, high), ns| {
            // Whiskers may be cut off, medians may not: one interrupted row must not squeeze the rest.
            (low.min(ns.median), high.max(ns.median))
        });
        (low <= high).then(|| Self { low: low / 1.25, high: (high * 1.25).max(low * 10.0) })
    }

    /// 0 at the left end, 1 at the right end; what lies beyond is moved to the end.
    pub(super) fn place(&self, ns: f64) -> f64 {
        ((ns / self.low).ln() / (self.high / self.low).ln()).clamp(0.0, 1.0)
    }

    /// Where lines are drawn, and what stands at those that have a label.
    pub(super) fn ticks(&self) -> Vec<(f64, Option<String>)> {
        let decades = (-3..8).map(|power| 10_f64.powi(power));
        let all = decades.flat_map(|decade| [(decade, true), (decade * 2.0, false), (decade * 5.0, false)]);
        let shown = all.filter(|(ns, _)| (self.low..=self.high).contains(ns));
        shown.map(|(ns, labelled)| (ns, labelled.then(|| label(ns)))).collect()
    }
}

fn label(ns: f64) -> String {
    match ns {
        ns if ns >= 1e6 => format!("{} ms", ns / 1e6),
        ns if ns >= 1e3 => format!("{} µs", ns / 1e3),
        ns => format!("{ns} ns"),
    }
}
