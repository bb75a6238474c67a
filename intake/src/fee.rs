//! Fees (phí, lệ phí) as dated rules over channel, case, pages and copies.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount of money in Vietnamese đồng, which has no smaller part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dong(pub i64);

impl Dong {
    /// This amount `count` times; the largest amount there is where that would overflow.
    pub fn times(self, count: u32) -> Dong {
        Dong(self.0.saturating_mul(i64::from(count)))
    }

    /// Both amounts together; the largest amount there is where that would overflow.
    pub fn plus(self, other: Dong) -> Dong {
        Dong(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Dong {
    /// As Vietnamese receipts write it: `200.000đ`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        let sign = if self.0 < 0 { "-" } else { "" };
        let mut grouped = String::with_capacity(digits.len() * 4 / 3 + 1);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push('.');
            }
            grouped.push(digit);
        }
        write!(f, "{sign}{grouped}đ")
    }
}

/// How a dossier comes in (kênh thực hiện).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// At a counter (trực tiếp).
    Direct,
    /// Online (trực tuyến).
    Online,
    /// By public post (bưu chính công ích).
    Post,
}

/// What one procedure costs: rates, of which the first that fits is taken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fee(pub Vec<Rate>);

/// A rate and when it holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The channels that it holds for; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// The case that it holds for, such as `on_time`; none for every case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Case>,
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What is taken.
    pub rule: FeeRule,
}

/// One of the cases that a procedure tells apart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name in data.
    pub id: String,
    /// In Vietnamese.
    pub name_vi: String,
    /// In English.
    pub name_en: String,
}

/// How an amount is reckoned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FeeRule {
    /// Nothing is taken.
    Free,
    /// One amount a dossier.
    Flat {
        /// The amount.
        amount: Dong,
    },
    /// One amount a copy that is given out.
    PerCopy {
        /// The amount.
        amount: Dong,
    },
    /// By the pages of the original, for every copy.
    PerPage {
        /// How many pages go at the first rate.
        first_pages: u32,
        /// For each of those.
        first_rate: Dong,
        /// For each page after those.
        further_rate: Dong,
        /// The most that one copy costs.
        cap_per_copy: Dong,
    },
}

/// What somebody wants to know the price of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeeAsk<'a> {
    /// On which day.
    pub day: Date,
    /// By which channel.
    pub channel: Channel,
    /// In which case, where the officer has told.
    pub case: Option<&'a str>,
    /// Pages of the original.
    pub pages: Option<u32>,
    /// Copies that are given out.
    pub copies: Option<u32>,
}

/// What it costs, or what is missing to say so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FeeQuote {
    /// This much.
    Amount(Dong),
    /// The number of pages must be told first.
    NeedsPages,
    /// The number of copies must be told first.
    NeedsCopies,
    /// No rate is known for that day, channel and case: ask the officer.
    NoRate,
}

impl FeeQuote {
    /// The amount, where there is one.
    pub fn amount(self) -> Option<Dong> {
        match self {
            FeeQuote::Amount(dong) => Some(dong),
            FeeQuote::NeedsPages | FeeQuote::NeedsCopies | FeeQuote::NoRate => None,
        }
    }
}

impl Fee {
    /// What `ask` costs.
    pub fn quote(&self, ask: FeeAsk<'_>) -> FeeQuote {
        match self.0.iter().find(|rate| rate.fits(&ask)) {
            Some(rate) => rate.rule.quote(ask.pages, ask.copies),
            None => FeeQuote::NoRate,
        }
    }

    /// The cases that the rates tell apart, in their order.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.0.iter().filter_map(|rate| rate.case.as_ref())
    }
}

impl Rate {
    fn fits(&self, ask: &FeeAsk<'_>) -> bool {
        let channel = self.channels.is_empty() || self.channels.contains(&ask.channel);
        let case = self.case.as_ref().is_none_or(|case| Some(case.id.as_str()) == ask.case);
        let begun = self.from.is_none_or(|from| from <= ask.day);
        let lasts = self.until.is_none_or(|until| ask.day <= until);
        channel && case && begun && lasts
    }
}

impl FeeRule {
    fn quote(self, pages: Option<u32>, copies: Option<u32>) -> FeeQuote {
        match self {
            FeeRule::Free => FeeQuote::Amount(Dong(0)),
            FeeRule::Flat { amount } => FeeQuote::Amount(amount),
            FeeRule::PerCopy { amount } => match copies {
                Some(copies) => FeeQuote::Amount(amount.times(copies)),
                None => FeeQuote::NeedsCopies,
            },
            FeeRule::PerPage { first_pages, first_rate, further_rate, cap_per_copy } => {
                let Some(pages) = pages else {
                    return FeeQuote::NeedsPages;
                };
                let Some(copies) = copies else {
                    return FeeQuote::NeedsCopies;
                };
                let first = first_rate.times(pages.min(first_pages));
                let further = further_rate.times(pages.saturating_sub(first_pages));
                FeeQuote::Amount(first.plus(further).min(cap_per_copy).times(copies))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const CERTIFIED_COPY: FeeRule = FeeRule::PerPage {
        first_pages: 2,
        first_rate: Dong(2_000),
        further_rate: Dong(1_000),
        cap_per_copy: Dong(200_000),
    };

    fn rate(rule: FeeRule) -> Rate {
        Rate { channels: vec![], case: None, from: None, until: None, rule }
    }

    fn ask(channel: Channel) -> FeeAsk<'static> {
        FeeAsk { day: date(2026, 11, 23), channel, case: None, pages: None, copies: None }
    }

    #[test]
    fn certified_copies_cost_by_the_page_up_to_a_cap() {
        let table = [
            (0, 1, 0),
            (1, 1, 2_000),
            (2, 1, 4_000),
            (3, 1, 5_000),
            (5, 3, 21_000),
            (197, 1, 199_000),
            (198, 1, 200_000),
            (199, 1, 200_000),
            (500, 2, 400_000),
        ];
        for (pages, copies, expected) in table {
            let quote = CERTIFIED_COPY.quote(Some(pages), Some(copies));
            assert_eq!(quote, FeeQuote::Amount(Dong(expected)), "{pages} pages, {copies} copies");
        }
    }

    #[test]
    fn what_is_missing_is_asked_for() {
        assert_eq!(CERTIFIED_COPY.quote(None, Some(1)), FeeQuote::NeedsPages);
        assert_eq!(CERTIFIED_COPY.quote(Some(1), None), FeeQuote::NeedsCopies);
        let per_copy = FeeRule::PerCopy { amount: Dong(8_000) };
        assert_eq!(per_copy.quote(None, None), FeeQuote::NeedsCopies);
        assert_eq!(per_copy.quote(None, Some(3)).amount(), Some(Dong(24_000)));
    }

    #[test]
    fn the_first_rate_that_fits_channel_day_and_case_counts() {
        let online = Rate {
            channels: vec![Channel::Online],
            from: Some(date(2026, 1, 1)),
            until: Some(date(2026, 12, 31)),
            ..rate(FeeRule::Free)
        };
        let late = Case { id: "late".into(), name_vi: "Quá hạn".into(), name_en: "Late".into() };
        let fee = Fee(vec![online, Rate { case: Some(late), ..rate(FeeRule::Flat { amount: Dong(5_000) }) }]);
        assert_eq!(fee.quote(ask(Channel::Online)), FeeQuote::Amount(Dong(0)));
        let before = FeeAsk { day: date(2025, 12, 31), ..ask(Channel::Online) };
        assert_eq!(fee.quote(before), FeeQuote::NoRate);
        let after = FeeAsk { day: date(2027, 1, 1), ..ask(Channel::Online) };
        assert_eq!(fee.quote(after), FeeQuote::NoRate);
        assert_eq!(fee.quote(ask(Channel::Direct)), FeeQuote::NoRate);
        let told = FeeAsk { case: Some("late"), ..ask(Channel::Direct) };
        assert_eq!(fee.quote(told), FeeQuote::Amount(Dong(5_000)));
        assert_eq!(fee.cases().count(), 1);
    }

    #[test]
    fn amounts_are_grouped_by_thousands() {
        for (amount, expected) in [
            (0, "0đ"),
            (999, "999đ"),
            (1_000, "1.000đ"),
            (200_000, "200.000đ"),
            (1_234_567, "1.234.567đ"),
            (-15_000, "-15.000đ"),
        ] {
            assert_eq!(Dong(amount).to_string(), expected);
        }
        assert_eq!(Dong(i64::MAX).times(2), Dong(i64::MAX));
    }
}
