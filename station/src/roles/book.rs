//! The record book.

use super::work::day;
use crate::api::Problem;
use crate::api::dossiers::BookView;
use crate::core::Station;
use crate::{people, slips};
use intake::decide::Input;
use jiff::civil::Date;

impl Station {
    /// Writes the book (Sổ theo dõi hồ sơ) of the dossiers that were taken in at this site from one day to another, such as
    /// `2026-12-01`; today, where none is said. It names people: that somebody reads it is written down first.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`, `TIME-UNREADABLE`, `BOOK-DAYS-NOT-FIT` where the last day is before the first, `DISK-FULL`, `STORE-…`.
    pub fn counter_book(&self, from: &str, until: &str) -> Result<BookView, Problem> {
        let officer = self.officer()?;
        let today = self.today();
        let (from, until) = (day(from)?.unwrap_or(today), day(until)?.unwrap_or(today));
        if until < from {
            let said = |day: Date| day.strftime("%d/%m/%Y").to_string();
            return Err(Problem::new("BOOK-DAYS-NOT-FIT").with("from", said(from)).with("until", said(until)));
        }
        self.officer_does(Input::ReadBook)?;
        let keeper = people::officer_name(self, &officer);
        let book = slips::book::write(self, (from, until), keeper, self.clock.now())?;
        Ok(BookView { file: book.file.display().to_string(), rows: book.rows as u32, pages: book.pages as u32 })
    }
}
