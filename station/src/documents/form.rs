//! Official forms as dated data: numbers, regulations and titles are rows of `fixtures/forms`, never words in code.

use std::fmt;
use std::sync::OnceLock;

use intake::catalogue::FormSet;
use jiff::civil::Date;
use serde::Deserialize;

use super::DocumentFault;

/// The papers of the one-stop procedure.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    /// Giấy tiếp nhận hồ sơ và hẹn trả kết quả.
    Receipt,
    /// Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ.
    Supplement,
    /// Phiếu từ chối tiếp nhận, giải quyết hồ sơ.
    Refusal,
    /// Phiếu xin lỗi và hẹn lại ngày trả kết quả.
    Apology,
    /// Thông báo dừng giải quyết hồ sơ.
    Stop,
    /// Phiếu kiểm soát quá trình giải quyết hồ sơ.
    Control,
    /// Sổ theo dõi hồ sơ.
    Register,
    /// Biên lai thu phí, lệ phí.
    FeeReceipt,
    /// Biên bản bàn giao hồ sơ.
    Handover,
    /// Biên bản bàn giao kết quả.
    ResultsHandover,
}

impl fmt::Display for FormKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A form, and since when it holds.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// What paper it is.
    pub form: FormKind,
    /// The set that it belongs to: some procedures have forms of their own.
    pub set: FormSet,
    /// The first day.
    pub from: Date,
    /// Its number as printed, such as `Mẫu số 01`; none where none is known.
    #[serde(default)]
    pub number: Option<String>,
    /// The text that sets it, as printed; none where none is known.
    #[serde(default)]
    pub regulation: Option<String>,
    /// Its title.
    pub title: String,
    /// Its title in English.
    pub title_en: String,
    /// What is printed when the procedure has its result at once.
    #[serde(default)]
    pub instant_note: Option<String>,
    /// The same in English.
    #[serde(default)]
    pub instant_note_en: Option<String>,
    /// What is printed as long as nobody has compared the layout with the official gazette.
    #[serde(default)]
    pub layout_note: Option<String>,
    /// Who says so.
    pub source: String,
    /// What about the row is not certain, if anything.
    #[serde(default)]
    pub assumption: Option<String>,
}

impl Form {
    /// What stands at the foot of each page: number, regulation, and what is not certain.
    pub(super) fn foot(&self) -> String {
        let named: Vec<&str> = [&self.number, &self.regulation].into_iter().flatten().map(String::as_str).collect();
        let named = if named.is_empty() { String::new() } else { format!("{}.", named.join(", ")) };
        [named.as_str(), self.layout_note.as_deref().unwrap_or_default()].join(" ").trim().to_owned()
    }
}

/// The forms by kind, set and day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Forms(Vec<Form>);

impl Forms {
    /// The forms as they stand in `fixtures/forms/forms.json`, read once.
    ///
    /// # Errors
    /// [`DocumentFault::Forms`] when the table cannot be read.
    pub fn embedded() -> Result<&'static Self, DocumentFault> {
        static FORMS: OnceLock<Result<Forms, String>> = OnceLock::new();
        let read = || Forms::read(include_str!("../../../fixtures/forms/forms.json"));
        FORMS.get_or_init(read).as_ref().map_err(|fault| DocumentFault::Forms(fault.clone()))
    }

    /// Reads the table from JSON: a list of [`Form`].
    ///
    /// # Errors
    /// [`DocumentFault::Forms`] when it is none.
    pub fn parse(json: &str) -> Result<Self, DocumentFault> {
        Self::read(json).map_err(DocumentFault::Forms)
    }

    fn read(json: &str) -> Result<Self, String> {
        let mut rows: Vec<Form> = serde_json::from_str(json).map_err(|fault| fault.to_string())?;
        rows.sort_by_key(|row| row.from);
        Ok(Self(rows))
    }

    /// The form of that kind that holds on `day`: that of `set`, or the one-stop door's where the set has none.
    ///
    /// # Errors
    /// [`DocumentFault::NoForm`] before the first one.
    pub fn on(&self, kind: FormKind, set: FormSet, day: Date) -> Result<&Form, DocumentFault> {
        let of = |set: FormSet| {
            self.0.iter().rev().find(move |form| form.form == kind && form.set == set && form.from <= day)
        };
        of(set).or_else(|| of(FormSet::Tt03)).ok_or(DocumentFault::NoForm { kind, day })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_form_of_the_day_and_of_the_set_holds() {
        use {FormKind::*, FormSet::*};
        let forms = Forms::embedded().unwrap();
        for (kind, set, day, expected) in [
            (Receipt, Tt03, date(2019, 1, 5), None),
            (Receipt, Tt03, date(2019, 1, 6), Some("Mẫu số 01, Thông tư số 01/2018/TT-VPCP.")),
            (Receipt, Tt03, date(2025, 9, 14), Some("Mẫu số 01, Thông tư số 01/2018/TT-VPCP.")),
            (Receipt, Tt03, date(2025, 9, 15), Some("Mẫu số 01, Thông tư số 03/2025/TT-VPCP.")),
            (Control, Tt03, date(2025, 9, 14), Some("Mẫu số 05, Thông tư số 01/2018/TT-VPCP.")),
            (Control, Tt03, date(2026, 11, 23), Some("Mẫu số 06, Thông tư số 03/2025/TT-VPCP.")),
            (Register, Tt03, date(2026, 11, 23), Some("Mẫu số 07, Thông tư số 03/2025/TT-VPCP.")),
            (Stop, Tt03, date(2025, 9, 14), None),
            (Receipt, PoliceResidence, date(2021, 6, 30), Some("Mẫu số 01, Thông tư số 01/2018/TT-VPCP.")),
            (Receipt, PoliceResidence, date(2023, 12, 31), Some("Mẫu CT04, Thông tư số 56/2021/TT-BCA.")),
            (Supplement, PoliceResidence, date(2026, 11, 23), Some("Mẫu CT05, Thông tư số 66/2023/TT-BCA.")),
            (Refusal, PoliceResidence, date(2026, 11, 23), Some("Mẫu CT06, Thông tư số 66/2023/TT-BCA.")),
            (Receipt, PoliceIdentity, date(2026, 11, 23), Some("Mẫu CC02, Thông tư số 17/2024/TT-BCA.")),
            (Refusal, PoliceIdentity, date(2026, 11, 23), Some("Mẫu số 03, Thông tư số 03/2025/TT-VPCP.")),
        ] {
            let found = forms.on(kind, set, day).ok().map(Form::foot);
            let named = found.as_deref().and_then(|foot| Some(foot.split_once(" Bố")?.0));
            assert_eq!(named, expected, "{kind} {set:?} {day}");
        }
    }

    #[test]
    fn every_kind_has_a_form_today_and_each_receipt_its_note() {
        use FormKind::*;
        let forms = Forms::embedded().unwrap();
        for kind in
            [Receipt, Supplement, Refusal, Apology, Stop, Control, Register, FeeReceipt, Handover, ResultsHandover]
        {
            assert!(forms.on(kind, FormSet::PoliceIdentity, date(2026, 11, 23)).is_ok(), "{kind}");
        }
        for receipt in forms.0.iter().filter(|form| form.form == Receipt) {
            assert!(receipt.instant_note.is_some() && receipt.instant_note_en.is_some(), "{receipt:?}");
        }
    }

    #[test]
    fn a_row_without_a_source_is_refused() {
        let row = r#"[{"form":"receipt","set":"tt03-2025","from":"2019-01-06","title":"t","title_en":"t"}]"#;
        assert!(matches!(Forms::parse(row), Err(DocumentFault::Forms(_))));
    }
}
