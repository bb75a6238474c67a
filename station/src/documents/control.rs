//! The control slip (Phiếu kiểm soát quá trình giải quyết hồ sơ): who gave the dossier to whom, when, and with what result.

use std::fmt;

use intake::moment::Moment;

use super::DocumentFault;
use super::flow::{Flow, or_none};
use super::form::FormKind;
use super::heading::{AboutDossier, Heading, about, continued, papers};
use super::language::short_time;
use super::page::A5;
use super::slip::SlipPaper;
use super::table::{Head, Table};

/// How a step ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StepOutcome {
    /// Trước hạn.
    Early,
    /// Đúng hạn.
    OnTime,
    /// Quá hạn.
    Late,
}

/// A dossier's way from one hand to the next. What is empty is filled in by hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControlStep {
    /// Which unit gave it.
    pub from: String,
    /// Which unit took it.
    pub to: String,
    /// When; none as long as it has not happened.
    pub at: Option<Moment>,
    /// How the step before ended; none as long as it is open.
    pub outcome: Option<StepOutcome>,
    /// Remarks.
    pub note: String,
    /// Who gave it.
    pub given_by: String,
    /// Who took it.
    pub taken_by: String,
}

/// What a control slip says.
#[derive(Clone, PartialEq, Eq)]
pub struct ControlData {
    /// Who makes it, and when.
    pub heading: Heading,
    /// The dossier.
    pub dossier: AboutDossier,
    /// Who handed it in, where that is not the owner; else empty.
    pub applicant: String,
    /// When it was received.
    pub received_at: Moment,
    /// When the result is promised; none where nobody can say.
    pub due: Option<Moment>,
    /// The time limit as the rule puts it; none where it is not known.
    pub time_limit: Option<String>,
    /// What it consists of.
    pub papers: Vec<SlipPaper>,
    /// Its way, oldest first.
    pub steps: Vec<ControlStep>,
}

impl fmt::Debug for ControlData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ControlData({})", self.dossier.code.text())
    }
}

/// The control slip as PDF, A5. The same data gives the same bytes.
///
/// # Errors
/// [`DocumentFault`].
pub fn control_pdf(data: &ControlData) -> Result<Vec<u8>, DocumentFault> {
    let form = data.heading.form(FormKind::Control)?;
    let mut flow = data.heading.begin(A5, continued(&data.dossier.code))?;
    about(&mut flow, form, &data.dossier)?;
    let language = flow.language;
    if !data.applicant.trim().is_empty() {
        flow.field(("Người nộp hồ sơ", "Applicant"), &data.applicant)?;
    }
    flow.field(("Thời gian nhận hồ sơ", "Received on"), &language.long_time(data.received_at))?;
    flow.field(("Thời hạn giải quyết", "Time limit"), data.time_limit.as_deref().unwrap_or_default())?;
    let due = data.due.map(|due| language.long_time(due)).unwrap_or_default();
    flow.field(("Thời gian trả kết quả", "Result on"), &due)?;
    papers(&mut flow, &data.papers)?;
    flow.say(("Quá trình giải quyết:", "From hand to hand:"))?;
    steps(&mut flow, &data.steps)?;
    data.heading.finish(flow, form, data.dossier.code.text())
}

fn steps(flow: &mut Flow, steps: &[ControlStep]) -> Result<(), DocumentFault> {
    let heads = [
        Head::center(8.0, ("TT", "TT")),
        Head::left(37.0, ("Cơ quan giao, nhận", "From, to")),
        Head::center(19.0, ("Giờ, ngày", "Time")),
        Head::center(17.0, ("Kết quả giải quyết", "Outcome")),
        Head::left(20.0, ("Ghi chú", "Remarks")),
        Head::left(29.0, ("Ký giao, ký nhận", "Signatures")),
    ];
    let mut table = Table::begin(flow, heads)?;
    for (index, step) in steps.iter().enumerate() {
        let units = format!("Giao: {}\nNhận: {}", or_none(&step.from), or_none(&step.to));
        let signs = format!("Giao: {}\n\nNhận: {}", step.given_by, step.taken_by);
        let at = step.at.map(short_time).unwrap_or_default();
        table.row(flow, [&(index + 1).to_string(), &units, &at, outcome(step.outcome), &step.note, &signs])?;
    }
    table.end(flow);
    Ok(())
}

/// The outcome; as long as it is open all three, one of which is then marked by hand.
fn outcome(outcome: Option<StepOutcome>) -> &'static str {
    match outcome {
        Some(StepOutcome::Early) => "Trước hạn",
        Some(StepOutcome::OnTime) => "Đúng hạn",
        Some(StepOutcome::Late) => "Quá hạn",
        None => "Trước hạn\nĐúng hạn\nQuá hạn",
    }
}
