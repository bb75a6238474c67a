//! The apology for a result that comes late (Phiếu xin lỗi và hẹn lại ngày trả kết quả), signed by the head of the agency.

use std::fmt;

use intake::moment::Moment;

use super::DocumentFault;
use super::face::Weight::Regular;
use super::flow::{Flow, or_none};
use super::form::FormKind;
use super::heading::{AboutDossier, Heading, code_beside, code_line, continued, procedure, signatures, title};
use super::page::A5;
use super::slip::qr_text;

/// What an apology says.
#[derive(Clone, PartialEq, Eq)]
pub struct ApologyData {
    /// Who makes it, and when: the unit is the agency that resolves the dossier.
    pub heading: Heading,
    /// Number and mark of the letter (số, ký hiệu); empty where it has none.
    pub number: String,
    /// The dossier.
    pub dossier: AboutDossier,
    /// When the dossier was received.
    pub received_at: Moment,
    /// When the result had been promised.
    pub promised: Moment,
    /// Why it comes late.
    pub reason: String,
    /// When it is promised now.
    pub due: Moment,
    /// The office of who signs, such as `GIÁM ĐỐC`.
    pub signer_role: String,
    /// The name of who signs.
    pub signer: String,
    /// Who gets the letter (nơi nhận).
    pub recipients: Vec<String>,
}

impl fmt::Debug for ApologyData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApologyData({})", self.dossier.code.text())
    }
}

/// The apology as PDF, A5. The same data gives the same bytes.
///
/// # Errors
/// [`DocumentFault`].
pub fn apology_pdf(data: &ApologyData) -> Result<Vec<u8>, DocumentFault> {
    let form = data.heading.form(FormKind::Apology)?;
    let mut flow = data.heading.begin(A5, continued(&data.dossier.code))?;
    title(&mut flow, form, &[&code_line(data.heading.language, &data.dossier.code)])?;
    code_beside(&mut flow, &qr_text(&data.dossier.code, &data.dossier.check))?;
    letter(&mut flow, data)?;
    flow.together(|flow| {
        flow.say((
            "Chúng tôi xin lỗi vì sự chậm trễ đã gây phiền hà, tốn công sức và chi phí của quý vị, và mong được quý vị thông cảm.",
            "We apologise for the delay and for the trouble and cost that it brings you.",
        ))?;
        signatures(flow, [(("", ""), ""), ((&data.signer_role, "Head of the agency"), &data.signer)])
    })?;
    flow.together(|flow| recipients(flow, data))?;
    data.heading.finish(flow, form, data.dossier.code.text())
}

fn letter(flow: &mut Flow, data: &ApologyData) -> Result<(), DocumentFault> {
    if !data.number.trim().is_empty() {
        flow.field(("Số", "No."), &data.number)?;
    }
    flow.strong_field(("Kính gửi", "To"), &data.dossier.owner.name)?;
    flow.field(("Địa chỉ", "Address"), &data.dossier.owner.address)?;
    procedure(flow, &data.dossier.procedure_name, &data.dossier.procedure_code)?;
    flow.clear_beside();
    let language = flow.language;
    flow.field(("Ngày tiếp nhận hồ sơ", "Received on"), &language.long_time(data.received_at))?;
    flow.field(("Đã hẹn trả kết quả", "The result was promised for"), &language.long_time(data.promised))?;
    flow.line(&[
        (Regular, or_none(&data.heading.unit)),
        (Regular, "chưa thể trả kết quả giải quyết hồ sơ đúng thời hạn đã hẹn."),
    ])?;
    flow.below("The result cannot be given on that day.")?;
    flow.field(("Lý do", "Reason"), &data.reason)?;
    flow.strong_field(("Hẹn lại thời gian trả kết quả", "New day for the result"), &language.long_time(data.due))
}

fn recipients(flow: &mut Flow, data: &ApologyData) -> Result<(), DocumentFault> {
    if data.recipients.is_empty() {
        return Ok(());
    }
    flow.gap(1.5);
    let label = format!("{}:", flow.label(("Nơi nhận", "Copies to")));
    flow.note(&label)?;
    for recipient in &data.recipients {
        flow.note(&format!("- {};", or_none(recipient)))?;
    }
    Ok(())
}
