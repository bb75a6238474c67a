//! A dossier that is not taken in (Phiếu từ chối), and one on which work is stopped (Thông báo dừng giải quyết).

use std::fmt;

use super::DocumentFault;
use super::face::Weight::Regular;
use super::flow::{Flow, or_none};
use super::form::FormKind;
use super::heading::{AboutDossier, Heading, about, continued, signatures};
use super::page::A5;

/// What is refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Refused {
    /// The dossier is not taken in, or not dealt with.
    Dossier,
    /// Work on it is stopped.
    FurtherWork,
}

/// What a refusal says.
#[derive(Clone, PartialEq, Eq)]
pub struct RefusalData {
    /// Who makes it, and when.
    pub heading: Heading,
    /// What is refused.
    pub refused: Refused,
    /// The dossier.
    pub dossier: AboutDossier,
    /// Why.
    pub reason: String,
    /// The rule, as it is to be printed; empty where none was given.
    pub legal_ground: String,
    /// Whom to call.
    pub hotline: String,
    /// Who handed the dossier in.
    pub applicant: String,
    /// The officer's name.
    pub officer: String,
}

impl fmt::Debug for RefusalData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefusalData({})", self.dossier.code.text())
    }
}

/// The refusal as PDF, A5. The same data gives the same bytes.
///
/// # Errors
/// [`DocumentFault`]: among others [`DocumentFault::NoForm`] for stopped work before the first form for it (15/9/2025).
pub fn refusal_pdf(data: &RefusalData) -> Result<Vec<u8>, DocumentFault> {
    let form = data.heading.form(match data.refused {
        Refused::Dossier => FormKind::Refusal,
        Refused::FurtherWork => FormKind::Stop,
    })?;
    let mut flow = data.heading.begin(A5, continued(&data.dossier.code))?;
    about(&mut flow, form, &data.dossier)?;
    reason(&mut flow, data)?;
    flow.together(|flow| {
        flow.say((
            "Nếu quý vị không đồng ý hoặc cần được giải thích thêm, xin gọi số điện thoại dưới đây hoặc hỏi cán bộ tại quầy.",
            "If you do not agree or have a question, call the number below or ask an officer at the counter.",
        ))?;
        flow.field(("Điện thoại hỗ trợ", "Help"), &data.hotline)?;
        let applicant = (("NGƯỜI NỘP HỒ SƠ", "Applicant"), data.applicant.as_str());
        signatures(flow, [applicant, (("NGƯỜI TIẾP NHẬN HỒ SƠ", "Receiving officer"), &data.officer)])
    })?;
    data.heading.finish(flow, form, data.dossier.code.text())
}

fn reason(flow: &mut Flow, data: &RefusalData) -> Result<(), DocumentFault> {
    let (says, says_en, label) = match data.refused {
        Refused::Dossier => (
            "không tiếp nhận, giải quyết hồ sơ này vì lý do sau đây.",
            "This dossier is not taken in, for the reason below.",
            ("Lý do từ chối", "Reason"),
        ),
        Refused::FurtherWork => (
            "dừng giải quyết hồ sơ này vì lý do sau đây.",
            "Work on this dossier was stopped, for the reason below.",
            ("Lý do dừng giải quyết", "Reason"),
        ),
    };
    flow.line(&[(Regular, "Qua xem xét,"), (Regular, or_none(&data.heading.unit)), (Regular, says)])?;
    flow.below(says_en)?;
    flow.strong_field(label, &data.reason)?;
    if !data.legal_ground.trim().is_empty() {
        flow.field(("Căn cứ pháp lý", "Legal ground"), &data.legal_ground)?;
    }
    Ok(())
}
