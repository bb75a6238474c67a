//! Official forms as dated data: numbers, regulations and titles are rows of `fixtures/forms`, never words in code.

use jiff::civil::Date;
use serde::Deserialize;

use super::DocumentFault;

/// A form, and since when it holds.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The set that it belongs to, such as `one_stop`: some procedures have forms of their own.
    pub set: String,
    /// The first day.
    pub from: Date,
    /// Its number as printed, such as `Mẫu số 01`.
    pub number: String,
    /// The text that sets it, as printed.
    pub regulation: String,
    /// Its title.
    pub title: String,
    /// What is printed when the procedure has its result at once.
    pub instant_note: String,
    /// What is printed as long as nobody has compared the layout with the official gazette.
    #[serde(default)]
    pub layout_note: Option<String>,
    /// Who says so.
    pub source: String,
    /// What about the row is not certain, if anything.
    #[serde(default)]
    pub assumption: Option<String>,
}

/// The receipt's forms by day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Forms(Vec<Form>);

impl Forms {
    /// The forms as they stand in `fixtures/forms/receipts.json`.
    ///
    /// # Errors
    /// [`DocumentFault::Forms`] when the table cannot be read.
    pub fn embedded() -> Result<Self, DocumentFault> {
        Self::parse(include_str!("../../../fixtures/forms/receipts.json"))
    }

    /// Reads the table from JSON: a list of [`Form`].
    ///
    /// # Errors
    /// [`DocumentFault::Forms`] when it is none.
    pub fn parse(json: &str) -> Result<Self, DocumentFault> {
        let mut rows: Vec<Form> =
            serde_json::from_str(json).map_err(|fault| DocumentFault::Forms(fault.to_string()))?;
        rows.sort_by_key(|row| row.from);
        Ok(Self(rows))
    }

    /// The one-stop form that holds on `day`.
    ///
    /// # Errors
    /// [`DocumentFault::NoForm`] before the first one.
    pub fn receipt_on(&self, day: Date) -> Result<&Form, DocumentFault> {
        let holds = |form: &&Form| form.set == "one_stop" && form.from <= day;
        self.0.iter().rev().find(holds).ok_or(DocumentFault::NoForm(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_form_of_the_day_holds() {
        let forms = Forms::embedded().unwrap();
        for (day, regulation) in [
            (date(2019, 1, 5), None),
            (date(2019, 1, 6), Some("Thông tư số 01/2018/TT-VPCP")),
            (date(2025, 9, 14), Some("Thông tư số 01/2018/TT-VPCP")),
            (date(2025, 9, 15), Some("Thông tư số 03/2025/TT-VPCP")),
            (date(2026, 11, 23), Some("Thông tư số 03/2025/TT-VPCP")),
        ] {
            let found = forms.receipt_on(day).ok().map(|form| form.regulation.as_str());
            assert_eq!(found, regulation, "{day}");
        }
    }

    #[test]
    fn a_row_without_a_source_is_refused() {
        let row =
            r#"[{"set":"one_stop","from":"2019-01-06","number":"1","regulation":"r","title":"t","instant_note":"n"}]"#;
        assert!(matches!(Forms::parse(row), Err(DocumentFault::Forms(_))));
    }
}
