//! The receipt for money (Biên lai thu phí, lệ phí), a page for each of its copies.

use intake::amount_words;
use intake::fee::Dong;

use super::DocumentFault;
use super::flow::{Beside, Flow, NOTE};
use super::form::{Form, FormKind};
use super::heading::{Heading, code_beside, continued, procedure, quiet_mm, signatures, title};
use super::page::{A5, Column, Mark, Page};
use super::qr::Modules;
use super::slip::{Party, SlipCode, qr_text};
use super::table::RULE_MM;

/// Large enough for the 200 letters of a transfer.
const TRANSFER_EDGE_MM: f32 = 32.0;

/// What was paid: a fee for a service (phí) or a charge of the state (lệ phí).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FeeKind {
    /// Phí.
    Fee,
    /// Lệ phí.
    Charge,
}

/// How it was paid.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Payment {
    /// Tiền mặt.
    Cash,
    /// Chuyển khoản.
    Transfer,
    /// Trực tuyến.
    Online,
}

/// A copy (liên) of the receipt.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FeeCopy {
    /// Liên 1: lưu.
    Kept,
    /// Liên 2: giao người nộp.
    Payer,
    /// Liên 3: nội bộ.
    Internal,
}

impl FeeCopy {
    /// All three, in their order.
    pub const ALL: [FeeCopy; 3] = [FeeCopy::Kept, FeeCopy::Payer, FeeCopy::Internal];

    fn name(self) -> (&'static str, &'static str) {
        match self {
            FeeCopy::Kept => ("Liên 1: Lưu", "Copy 1: kept by the unit"),
            FeeCopy::Payer => ("Liên 2: Giao người nộp", "Copy 2: for the payer"),
            FeeCopy::Internal => ("Liên 3: Nội bộ", "Copy 3: internal"),
        }
    }
}

/// What a receipt for money says.
#[derive(Clone, PartialEq, Debug)]
pub struct FeeReceiptData {
    /// Who takes the money, and when.
    pub heading: Heading,
    /// Mẫu số, as the tax authority admitted the book of receipts.
    pub template: String,
    /// Ký hiệu of the book.
    pub series: String,
    /// Số in the book.
    pub number: String,
    /// The dossier's code.
    pub code: SlipCode,
    /// The few characters that tie papers to the record, for the QR code.
    pub check: String,
    /// The procedure's name.
    pub procedure_name: String,
    /// The procedure's code.
    pub procedure_code: String,
    /// Who paid.
    pub payer: Party,
    /// What for; none where nothing says which of the two it is.
    pub kind: Option<FeeKind>,
    /// How much.
    pub amount: Dong,
    /// How.
    pub payment: Payment,
    /// The text of the VietQR code of this payment; none where nothing is to be transferred.
    pub transfer: Option<String>,
    /// Who took it.
    pub collector: String,
    /// Which copies, a page each.
    pub copies: Vec<FeeCopy>,
}

/// The receipt for money as PDF, A5, a page for each copy. The same data gives the same bytes.
///
/// # Errors
/// [`DocumentFault`].
pub fn fee_receipt_pdf(data: &FeeReceiptData) -> Result<Vec<u8>, DocumentFault> {
    let form = data.heading.form(FormKind::FeeReceipt)?;
    let transfer = data.transfer.as_deref().map(Modules::of).transpose()?;
    let mut all = Flow::new(A5, data.heading.language, String::new());
    all.pages.clear();
    for copy in &data.copies {
        all.pages.append(&mut page(data, form, *copy, transfer.as_ref())?.pages);
    }
    data.heading.finish(all, form, &data.number)
}

fn page(data: &FeeReceiptData, form: &Form, copy: FeeCopy, transfer: Option<&Modules>) -> Result<Flow, DocumentFault> {
    let mut flow = data.heading.begin(A5, continued(&data.code))?;
    let language = flow.language;
    title(&mut flow, form, &[&language.label(copy.name())])?;
    code_beside(&mut flow, &qr_text(&data.code, &data.check))?;
    flow.field(("Mẫu số", "Template"), &data.template)?;
    flow.field(("Ký hiệu", "Series"), &data.series)?;
    flow.strong_field(("Số", "No."), &data.number)?;
    flow.field(("Mã hồ sơ", "Dossier code"), data.code.text())?;
    flow.strong_field(("Người nộp", "Paid by"), &data.payer.name)?;
    flow.field(("Địa chỉ", "Address"), &data.payer.address)?;
    procedure(&mut flow, &data.procedure_name, &data.procedure_code)?;
    flow.clear_beside();
    flow.together(|flow| {
        if let Some(modules) = transfer {
            transfer_beside(flow, modules.clone())?;
        }
        money(flow, data)?;
        flow.clear_beside();
        let payer = (("NGƯỜI NỘP TIỀN", "Payer"), data.payer.name.as_str());
        signatures(flow, [payer, (("NGƯỜI THU TIỀN", "Collector"), &data.collector)])
    })?;
    Ok(flow)
}

fn money(flow: &mut Flow, data: &FeeReceiptData) -> Result<(), DocumentFault> {
    let kind = match data.kind {
        Some(FeeKind::Fee) => ("Phí (P)", "Fee"),
        Some(FeeKind::Charge) => ("Lệ phí (LP)", "State charge"),
        None => ("Phí, lệ phí", "Fee or state charge"),
    };
    let payment = match data.payment {
        Payment::Cash => ("Tiền mặt", "cash"),
        Payment::Transfer => ("Chuyển khoản", "bank transfer"),
        Payment::Online => ("Trực tuyến", "online"),
    };
    let (kind, payment) = (flow.label(kind), flow.label(payment));
    let (kind, payment) = (kind.as_ref(), payment.as_ref());
    flow.field(("Loại khoản thu", "Kind"), kind)?;
    flow.strong_field(("Số tiền", "Amount"), &data.amount.to_string())?;
    flow.field(("Viết bằng chữ", "In words"), &amount_words::vietnamese(data.amount))?;
    flow.below(&amount_words::english(data.amount))?;
    flow.field(("Hình thức thanh toán", "Paid by means of"), payment)
}

/// A framed code to pay by stands right of the money, apart from the dossier's code, with its caption below.
fn transfer_beside(flow: &mut Flow, modules: Modules) -> Result<(), DocumentFault> {
    let quiet_mm = quiet_mm(TRANSFER_EDGE_MM, &modules);
    let box_mm = TRANSFER_EDGE_MM + 2.0 * quiet_mm;
    flow.gap(2.0);
    let (full, top_mm) = (flow.full(), flow.y_mm);
    let column = Column { x_mm: full.x_mm + full.width_mm - box_mm, width_mm: box_mm };
    let caption = flow.label(("Mã VietQR để chuyển khoản", "VietQR code for the transfer")).into_owned();
    let page = flow.page();
    page.marks.push(Mark::Qr {
        x_mm: column.x_mm + quiet_mm,
        y_mm: top_mm + quiet_mm,
        edge_mm: TRANSFER_EDGE_MM,
        modules,
    });
    frame(page, column, top_mm, box_mm);
    let below_mm = page.head(&caption, NOTE, column, top_mm + box_mm + 0.5)?;
    flow.beside = Some(Beside { width_mm: full.width_mm - box_mm - 2.0, until_mm: below_mm + 1.0 });
    Ok(())
}

fn frame(page: &mut Page, column: Column, top_mm: f32, edge_mm: f32) {
    page.rule(column, top_mm, RULE_MM);
    page.rule(column, top_mm + edge_mm, RULE_MM);
    page.upright(column.x_mm, top_mm, top_mm + edge_mm, RULE_MM);
    page.upright(column.x_mm + edge_mm - RULE_MM, top_mm, top_mm + edge_mm, RULE_MM);
}
