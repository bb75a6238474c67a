//! What a figure is: its spread, its goal, and what it stands beside.

use serde::Serialize;

/// How many digits behind the point are worth keeping.
const THOUSAND: f64 = 1_000.0;

/// How samples lie.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// How many.
    pub n: usize,
    /// The least.
    pub min: f64,
    /// The median.
    pub p50: f64,
    /// 99 of 100 are no greater; with fewer than 100 samples, the greatest.
    pub p99: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// The spread of samples; all zero of none.
    pub fn of(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let rank = (share * sorted.len() as f64).ceil() as usize;
            sorted.get(rank.saturating_sub(1)).copied().map_or(0.0, rounded)
        };
        Self { n: sorted.len(), min: at(0.0), p50: at(0.5), p99: at(0.99), max: at(1.0) }
    }
}

/// Something else of the same run, and how often it goes into the figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Beside {
    /// What it is.
    pub what: String,
    /// Its value, in the figure's unit.
    pub value: f64,
    /// The figure divided by it.
    pub ratio: f64,
}

/// A measured figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Its short name.
    pub name: String,
    /// What was measured, from where to where.
    pub what: String,
    /// `ms`, `bytes`, `MiB` or `times`.
    pub unit: &'static str,
    /// The value that is judged.
    pub value: f64,
    /// Which value of the spread that is.
    pub judged: &'static str,
    /// At most this; none where nothing was promised.
    pub goal: Option<f64>,
    /// How the goal came about, where it is not a plain number.
    pub goal_is: Option<String>,
    /// Whether the value is within the goal.
    pub met: Option<bool>,
    /// All samples.
    pub spread: Spread,
    /// What it stands beside.
    pub beside: Vec<Beside>,
}

impl Figure {
    /// A figure judged by its median.
    pub fn median(name: impl Into<String>, unit: &'static str, what: impl Into<String>, samples: &[f64]) -> Self {
        let spread = Spread::of(samples);
        Self::new(name.into(), unit, what.into(), "p50", spread.p50, spread)
    }

    /// A figure judged by its 99th percentile.
    pub fn tail(name: impl Into<String>, unit: &'static str, what: impl Into<String>, samples: &[f64]) -> Self {
        let spread = Spread::of(samples);
        Self::new(name.into(), unit, what.into(), "p99", spread.p99, spread)
    }

    /// A figure judged by its greatest sample.
    pub fn greatest(name: impl Into<String>, unit: &'static str, what: impl Into<String>, samples: &[f64]) -> Self {
        let spread = Spread::of(samples);
        Self::new(name.into(), unit, what.into(), "max", spread.max, spread)
    }

    fn new(name: String, unit: &'static str, what: String, judged: &'static str, value: f64, spread: Spread) -> Self {
        Self { name, what, unit, value, judged, goal: None, goal_is: None, met: None, spread, beside: vec![] }
    }

    /// Judges the value by a goal.
    pub fn at_most(mut self, goal: f64) -> Self {
        self.goal = Some(rounded(goal));
        self.met = Some(self.value <= goal);
        self
    }

    /// Judges the value by a goal that was reckoned from this run.
    pub fn at_most_as(self, goal: f64, how: impl Into<String>) -> Self {
        Self { goal_is: Some(how.into()), ..self.at_most(goal) }
    }

    /// Puts it beside something else of the same run.
    pub fn beside(&mut self, what: impl Into<String>, value: f64) {
        let ratio = if value > 0.0 { rounded(self.value / value) } else { 0.0 };
        self.beside.push(Beside { what: what.into(), value: rounded(value), ratio });
    }

    /// The same, while it is being made.
    pub fn and_beside(mut self, what: impl Into<String>, value: f64) -> Self {
        self.beside(what, value);
        self
    }
}

fn rounded(value: f64) -> f64 {
    (value * THOUSAND).round() / THOUSAND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples() {
        let samples: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(Spread::of(&samples), Spread { n: 200, min: 1.0, p50: 100.0, p99: 198.0, max: 200.0 });
        assert_eq!(Spread::of(&[7.0]), Spread { n: 1, min: 7.0, p50: 7.0, p99: 7.0, max: 7.0 });
        assert_eq!(Spread::of(&[]).n, 0);
    }

    #[test]
    fn a_goal_is_met_up_to_the_goal_itself() {
        let met = |goal| Figure::median("x", "ms", "x", &[1.0, 2.0, 3.0]).at_most(goal).met;
        assert_eq!([met(1.9), met(2.0), met(2.1)], [Some(false), Some(true), Some(true)]);
        assert_eq!(Figure::tail("x", "ms", "x", &[1.0, 2.0, 3.0]).value, 3.0);
    }

    #[test]
    fn a_ratio_says_how_often_the_other_goes_into_the_figure() {
        let figure = Figure::median("x", "ms", "x", &[3.0]).and_beside("a flush", 1.5);
        assert_eq!(figure.beside, [Beside { what: "a flush".into(), value: 1.5, ratio: 2.0 }]);
    }
}
