//! Forms with invented people: as they mostly are, and with everything as long as it gets.

use intake::catalogue::FormSet;
use intake::fee::Dong;
use intake::moment::Moment;
use jiff::civil::{date, datetime};
use station::documents::{
    AboutDossier, ApologyData, ControlData, ControlStep, DocumentFault, FeeCopy, FeeKind, FeeReceiptData, Handover,
    HandoverRow, HandoverSide, Heading, Language, Party, Payment, RefusalData, Refused, RegisterData, RegisterRow,
    ResultRow, SlipCode, SlipPaper, StepOutcome, SupplementData, SupplementPaper, apology_pdf, control_pdf,
    fee_receipt_pdf, handover_pdf, refusal_pdf, register_pdf, results_handover_pdf, supplement_pdf,
};

pub const CODE: &str = "H26.112.00-261123-0001";
pub const CHECK: &str = "7F3A09C2D1";
/// A transfer of 15,000 dong to an invented account, as VietQR codes are made.
pub const TRANSFER: &str = "00020101021238570010A00000072701270006970436011300110012345670208QRIBFTTA530370454051500\
                            05802VN62340830LE PHI H26.112.00-261123-000163048A2B";

pub fn at(day: i8, hour: i8, minute: i8) -> Moment {
    Moment::from_civil(datetime(2026, 11, day, hour, minute, 0, 0))
}

/// The words of a sample.
#[derive(Clone, Debug)]
pub struct Texts {
    pub language: Language,
    pub parent_unit: String,
    pub unit: String,
    pub person: String,
    pub other: String,
    pub address: String,
    pub email: String,
    pub procedure: String,
    pub paper: String,
    pub reason: String,
}

impl Texts {
    pub fn short(language: Language) -> Self {
        Self {
            language,
            parent_unit: "UBND THÀNH PHỐ HÀ NỘI".into(),
            unit: "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG".into(),
            person: "Nguyễn Thị Mẫu".into(),
            other: "Trần Văn Cán".into(),
            address: "Số 1 Phố Mẫu, phường Hoàn Kiếm, Hà Nội".into(),
            email: "mau@example.vn".into(),
            procedure: "Cấp Giấy xác nhận tình trạng hôn nhân".into(),
            paper: "Trích lục ghi chú ly hôn".into(),
            reason: "Bản sao chưa được chứng thực".into(),
        }
    }

    pub fn long(language: Language) -> Self {
        Self {
            language,
            parent_unit: "ỦY BAN NHÂN DÂN PHƯỜNG VĂN MIẾU - QUỐC TỬ GIÁM, THÀNH PHỐ HÀ NỘI".into(),
            unit: "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG CHI NHÁNH SỐ 12, ĐIỂM TIẾP NHẬN SỐ 3".into(),
            person: "Công Tằng Tôn Nữ Nguyễn Phúc Hoàng Thị Thuỳ Dương".into(),
            other: "Nguyễn Phúc Vĩnh Thụy Hoàng Tôn Thất Quỳnh Nghiễm".into(),
            address: "Số nhà 127B ngách 35 ngõ 420 đường Nguyễn Khuyến, tổ dân phố số 18, khu tập thể Ủy ban Dân tộc, \
                      phường Văn Miếu - Quốc Tử Giám, thành phố Hà Nội"
                .into(),
            email: "mot.dia.chi.thu.dien.tu.rat.dai.khong.co.dau.cach@mot-ten-mien-cung-rat-dai.example.vn".into(),
            procedure: "Chứng thực chữ ký (áp dụng cho cả trường hợp chứng thực điểm chỉ và trường hợp người yêu cầu \
                        chứng thực không thể ký, không thể điểm chỉ được)"
                .into(),
            paper: "Bản sao có chứng thực từ bản chính hoặc bản sao kèm bản chính để đối chiếu, trường hợp giấy tờ do \
                    cơ quan nước ngoài cấp thì phải được hợp pháp hóa lãnh sự và dịch ra tiếng Việt"
                .into(),
            reason: "Bản dịch chưa có chữ ký của người dịch và chưa được chứng thực chữ ký người dịch theo quy định; \
                     họ tên trong bản dịch khác với họ tên trong giấy khai sinh"
                .into(),
        }
    }

    pub fn heading(&self) -> Heading {
        Heading {
            parent_unit: self.parent_unit.clone(),
            unit: self.unit.clone(),
            place: "Hà Nội".into(),
            at: at(24, 9, 5),
            set: FormSet::Tt03,
            language: self.language,
        }
    }

    pub fn party(&self) -> Party {
        Party {
            name: self.person.clone(),
            number: "001199000123".into(),
            address: self.address.clone(),
            phone: "0912 000 000".into(),
            email: self.email.clone(),
        }
    }

    pub fn dossier(&self) -> AboutDossier {
        AboutDossier {
            code: SlipCode::Official(CODE.into()),
            check: CHECK.into(),
            owner: self.party(),
            procedure_name: self.procedure.clone(),
            procedure_code: "1.004873".into(),
        }
    }
}

pub fn supplement(texts: &Texts, count: usize) -> SupplementData {
    let paper = |at: usize| SupplementPaper {
        name: format!("{} GT{at:04}", texts.paper),
        reason: format!("{} LD{at:04}", texts.reason),
    };
    SupplementData {
        heading: texts.heading(),
        dossier: texts.dossier(),
        papers: (1..=count).map(paper).collect(),
        reason: texts.reason.clone(),
        until: Some(at(30, 17, 0)),
        site: texts.unit.clone(),
        site_phone: "024 3900 0000".into(),
        officer_phone: "024 3900 0003".into(),
        officer: texts.other.clone(),
    }
}

pub fn refusal(texts: &Texts, refused: Refused) -> RefusalData {
    RefusalData {
        heading: texts.heading(),
        refused,
        dossier: texts.dossier(),
        reason: texts.reason.clone(),
        legal_ground: "Nghị định số 123/2015/NĐ-CP".into(),
        hotline: "1022".into(),
        applicant: texts.person.clone(),
        officer: texts.other.clone(),
    }
}

pub fn apology(texts: &Texts) -> ApologyData {
    ApologyData {
        heading: texts.heading(),
        number: "12/XL-TTPVHCC".into(),
        dossier: texts.dossier(),
        received_at: at(19, 8, 30),
        promised: at(26, 8, 30),
        reason: texts.reason.clone(),
        due: at(30, 16, 0),
        signer_role: "GIÁM ĐỐC".into(),
        signer: texts.other.clone(),
        recipients: vec![texts.person.clone(), format!("Lưu: {}", texts.unit)],
    }
}

pub fn control(texts: &Texts, count: usize) -> ControlData {
    let outcomes = [Some(StepOutcome::Early), Some(StepOutcome::OnTime), Some(StepOutcome::Late), None];
    let step = |step: usize| ControlStep {
        from: texts.unit.clone(),
        to: format!("{} B{step:04}", texts.unit),
        at: (step < count).then(|| at(23, 8, 30).plus_ms(step as i64 * 3_600_000)),
        outcome: outcomes[step % 4],
        note: format!("GC{step:04}"),
        given_by: texts.other.clone(),
        taken_by: texts.person.clone(),
    };
    ControlData {
        heading: texts.heading(),
        dossier: texts.dossier(),
        applicant: texts.other.clone(),
        received_at: at(23, 8, 30),
        due: Some(at(26, 8, 30)),
        time_limit: Some("03 ngày làm việc".into()),
        papers: vec![SlipPaper { name: texts.paper.clone(), original: 1, certified: 0, copies: 2 }],
        steps: (1..=count).map(step).collect(),
    }
}

pub fn register(texts: &Texts, count: usize) -> RegisterData {
    let row = |row: usize| RegisterRow {
        code: format!("H26.112.00-261123-{row:04}"),
        procedure_name: texts.procedure.clone(),
        sets: 1,
        owner: format!("{} CH{row:05}", texts.person),
        address: texts.address.clone(),
        phone: "0912 000 000".into(),
        agency: "UBND phường Hoàn Kiếm".into(),
        received_at: at(23, 8, 30).plus_ms(row as i64 * 60_000),
        due: Some(at(26, 8, 30)),
        returned_at: row.is_multiple_of(2).then(|| at(26, 8, 0)),
        result_by: "Tại quầy".into(),
        signed_by: String::new(),
        note: String::new(),
    };
    RegisterData {
        heading: texts.heading(),
        from: date(2026, 11, 1),
        until: date(2026, 11, 30),
        rows: (1..=count).map(row).collect(),
        keeper: texts.other.clone(),
        head_role: "GIÁM ĐỐC".into(),
        head: texts.person.clone(),
    }
}

pub fn fee_receipt(texts: &Texts, transfer: Option<&str>, copies: &[FeeCopy]) -> FeeReceiptData {
    FeeReceiptData {
        heading: texts.heading(),
        template: "01BLP0-001".into(),
        series: "HN-26T".into(),
        number: "0000123".into(),
        code: SlipCode::Official(CODE.into()),
        check: CHECK.into(),
        procedure_name: texts.procedure.clone(),
        procedure_code: "1.004873".into(),
        payer: texts.party(),
        kind: Some(FeeKind::Charge),
        amount: Dong(15_000),
        payment: if transfer.is_some() { Payment::Transfer } else { Payment::Cash },
        transfer: transfer.map(str::to_owned),
        collector: texts.other.clone(),
        copies: copies.to_vec(),
    }
}

pub fn handover(texts: &Texts) -> Handover {
    let side =
        |person: &str| HandoverSide { unit: texts.unit.clone(), person: person.into(), phone: "024 3900 0000".into() };
    Handover {
        heading: texts.heading(),
        number: "BG-261124-01".into(),
        qr_text: "MH1:BG-261124-01".into(),
        from: side(&texts.other),
        to: side(&texts.person),
        note: texts.reason.clone(),
    }
}

pub fn handover_rows(texts: &Texts, count: usize) -> Vec<HandoverRow> {
    let row = |row: usize| HandoverRow {
        code: format!("H26.112.00-261123-{row:04}"),
        procedure_name: texts.procedure.clone(),
        owner: format!("{} CH{row:05}", texts.person),
        pages: 7,
        bag: format!("T{}", row / 20 + 1),
        note: String::new(),
    };
    (1..=count).map(row).collect()
}

pub fn result_rows(texts: &Texts, count: usize) -> Vec<ResultRow> {
    let row = |row: usize| ResultRow {
        code: format!("H26.112.00-261123-{row:04}"),
        procedure_name: texts.procedure.clone(),
        result: "Giấy xác nhận".into(),
        owner: format!("{} CH{row:05}", texts.person),
        address: texts.address.clone(),
        fee: row.is_multiple_of(2),
        post: row.is_multiple_of(3),
        note: String::new(),
    };
    (1..=count).map(row).collect()
}

/// Every form once, by name.
pub fn all(texts: &Texts) -> Result<Vec<(&'static str, Vec<u8>)>, DocumentFault> {
    Ok(vec![
        ("supplement", supplement_pdf(&supplement(texts, 3))?),
        ("refusal", refusal_pdf(&refusal(texts, Refused::Dossier))?),
        ("stop", refusal_pdf(&refusal(texts, Refused::FurtherWork))?),
        ("apology", apology_pdf(&apology(texts))?),
        ("control", control_pdf(&control(texts, 3))?),
        ("register", register_pdf(&register(texts, 4))?.pdf),
        ("fee_receipt", fee_receipt_pdf(&fee_receipt(texts, None, &[FeeCopy::Payer]))?),
        ("fee_transfer", fee_receipt_pdf(&fee_receipt(texts, Some(TRANSFER), &FeeCopy::ALL))?),
        ("handover", handover_pdf(&handover(texts), &handover_rows(texts, 6))?),
        ("results_handover", results_handover_pdf(&handover(texts), &result_rows(texts, 6))?),
    ])
}
