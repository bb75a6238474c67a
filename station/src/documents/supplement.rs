//! The request to complete a dossier (Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ): everything that is missing, asked for once.

use std::fmt;

use intake::moment::Moment;

use super::DocumentFault;
use super::flow::{Flow, or_none};
use super::form::FormKind;
use super::heading::{AboutDossier, Heading, about, continued, signatures};
use super::page::A5;
use super::table::{Head, Table};

/// A paper that is missing or wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SupplementPaper {
    /// Its name.
    pub name: String,
    /// What is wrong with it, or that it is missing.
    pub reason: String,
}

/// What a request to complete a dossier says.
#[derive(Clone, PartialEq, Eq)]
pub struct SupplementData {
    /// Who makes it, and when.
    pub heading: Heading,
    /// The dossier.
    pub dossier: AboutDossier,
    /// What is asked for.
    pub papers: Vec<SupplementPaper>,
    /// Why, where that is more than each paper's reason; else empty.
    pub reason: String,
    /// Until when; none where no term was set.
    pub until: Option<Moment>,
    /// Where to bring it: the site.
    pub site: String,
    /// The site's telephone.
    pub site_phone: String,
    /// The instructing officer's telephone.
    pub officer_phone: String,
    /// The instructing officer's name.
    pub officer: String,
}

impl fmt::Debug for SupplementData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SupplementData({})", self.dossier.code.text())
    }
}

/// The request as PDF, A5. The same data gives the same bytes.
///
/// # Errors
/// [`DocumentFault`].
pub fn supplement_pdf(data: &SupplementData) -> Result<Vec<u8>, DocumentFault> {
    let form = data.heading.form(FormKind::Supplement)?;
    let mut flow = data.heading.begin(A5, continued(&data.dossier.code))?;
    about(&mut flow, form, &data.dossier)?;
    flow.say((
        "Hồ sơ còn thiếu hoặc chưa đúng những giấy tờ dưới đây. Đề nghị quý vị bổ sung, hoàn thiện trong một lần:",
        "Papers below are missing or not in order. Please bring all of them, at one time:",
    ))?;
    papers(&mut flow, data)?;
    flow.together(|flow| ask(flow, data))?;
    data.heading.finish(flow, form, data.dossier.code.text())
}

fn papers(flow: &mut Flow, data: &SupplementData) -> Result<(), DocumentFault> {
    let heads = [
        Head::center(8.0, ("TT", "TT")),
        Head::left(60.0, ("Giấy tờ cần bổ sung, hoàn thiện", "Paper")),
        Head::left(62.0, ("Lý do", "Reason")),
    ];
    let mut table = Table::begin(flow, heads)?;
    for (index, paper) in data.papers.iter().enumerate() {
        table.row(flow, [&(index + 1).to_string(), or_none(&paper.name), or_none(&paper.reason)])?;
    }
    table.end(flow);
    Ok(())
}

fn ask(flow: &mut Flow, data: &SupplementData) -> Result<(), DocumentFault> {
    if !data.reason.trim().is_empty() {
        flow.field(("Lý do", "Reason"), &data.reason)?;
    }
    if let Some(until) = data.until {
        flow.strong_field(("Bổ sung trước", "Bring them by"), &flow.language.long_time(until))?;
    }
    flow.field(("Nơi nhận bổ sung", "Where to bring them"), &data.site)?;
    flow.field(("Điện thoại của nơi tiếp nhận", "Its telephone"), &data.site_phone)?;
    flow.field(("Điện thoại của cán bộ hướng dẫn", "The officer's telephone"), &data.officer_phone)?;
    signatures(flow, [(("", ""), ""), (("NGƯỜI HƯỚNG DẪN", "Instructing officer"), &data.officer)])
}
