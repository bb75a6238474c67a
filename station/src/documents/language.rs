//! The languages of paper: Vietnamese, and English behind it for those who asked for it.

use std::borrow::Cow;

use intake::moment::Moment;

/// A label in Vietnamese and in English.
pub(super) type Words<'a> = (&'a str, &'a str);

/// Which languages a paper speaks. Vietnamese is the official one and never left out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Language {
    /// Vietnamese only.
    #[default]
    Vi,
    /// English beside Vietnamese.
    En,
}

impl Language {
    /// The language of a code as sessions keep it: `en`, or Vietnamese for anything else.
    pub fn of(code: &str) -> Self {
        if code == "en" { Language::En } else { Language::Vi }
    }

    pub(super) fn is_english(self) -> bool {
        self == Language::En
    }

    /// A label: `Địa chỉ`, or `Địa chỉ / Address`; once where both are the same.
    pub(super) fn label(self, (vi, en): Words<'_>) -> Cow<'_, str> {
        match self {
            Language::En if vi != en => Cow::Owned(format!("{vi} / {en}")),
            _ => Cow::Borrowed(vi),
        }
    }

    /// A time in full, with digits beside it for who does not read it.
    pub(super) fn long_time(self, at: Moment) -> String {
        let vi = at.civil().strftime("%H giờ %M phút, ngày %d tháng %m năm %Y");
        match self {
            Language::Vi => vi.to_string(),
            Language::En => format!("{vi} ({})", at.civil().strftime("%H:%M, %-d %B %Y")),
        }
    }
}

/// A day in full: `ngày 23 tháng 11 năm 2026`.
pub(super) fn long_day(at: Moment) -> String {
    at.civil().strftime("ngày %d tháng %m năm %Y").to_string()
}

/// A day in digits: `23/11/2026`.
pub(super) fn short_day(at: Moment) -> String {
    at.civil().strftime("%d/%m/%Y").to_string()
}

/// A time in digits, as narrow columns hold it: `08:30 23/11/2026`.
pub(super) fn short_time(at: Moment) -> String {
    at.civil().strftime("%H:%M %d/%m/%Y").to_string()
}
