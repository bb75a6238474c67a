//! The papers as a citizen and a scanner read them: text by `pdftotext`, codes by `zbarimg`, pixels by `pdftoppm`.

mod forms;
mod samples;

use std::num::NonZeroU8;
use std::path::{Path, PathBuf};
use std::process::Command;

use hardware::paper::{Block, Paper};
use intake::catalogue::FormSet;
use intake::fee::{Channel, Dong};
use intake::moment::Moment;
use jiff::civil::{date, datetime};
use station::documents::{
    DocumentFault, Language, Party, SlipCode, SlipData, SlipPaper, TicketSlip, carried_to_text, qr_png, qr_svg,
    slip_pdf, slip_png, text_to_carried, ticket_paper,
};

/// The largest receipt that a slow line should carry.
const RECEIPT_BYTES: usize = 30_000;

/// The receipt of [`slip`] as `pdftotext -layout` reads it; every gap is two blanks here.
const RECEIPT_TEXT: [&str; 30] = [
    "UBND THÀNH PHỐ HÀ NỘI  CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "TRUNG TÂM PHỤC VỤ HÀNH  Độc lập - Tự do - Hạnh phúc",
    "CHÍNH CÔNG CHI NHÁNH SỐ 1",
    "Hà Nội, ngày 23 tháng 11 năm 2026",
    "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
    "Mã hồ sơ: H26.112.00-261123-0001",
    "Nơi tiếp nhận: Chi nhánh số 1, quầy số 3",
    "Người nộp hồ sơ: Nguyễn Thị Mẫu (nộp trực tiếp)",
    "Số căn cước/hộ chiếu: 001199000123",
    "Địa chỉ: Số 1 Phố Mẫu, phường Hoàn Kiếm, Hà Nội",
    "Điện thoại: 0912 000 000; email: mau@example.vn",
    "Nội dung yêu cầu giải quyết: Cấp Giấy xác nhận tình trạng hôn",
    "nhân (mã thủ tục 1.004873)",
    "Thành phần hồ sơ nộp gồm:",
    "TT  Thành phần hồ sơ  Bản  Bản chứng  Bản",
    "chính  thực  photo",
    "1  Tờ khai cấp Giấy xác nhận tình trạng hôn nhân  01",
    "2  Trích lục ghi chú ly hôn (nếu có)  01  02",
    "Số lượng hồ sơ: 01 bộ",
    "Thời gian giải quyết theo quy định: 03 ngày làm việc",
    "Thời gian nhận hồ sơ: 08 giờ 30 phút, ngày 23 tháng 11 năm 2026",
    "Thời gian trả kết quả: 08 giờ 30 phút, ngày 26 tháng 11 năm 2026",
    "Phí, lệ phí: 15.000đ (đã nộp)",
    "Nhận kết quả: tại quầy trả kết quả",
    "Tra cứu hồ sơ: tra cứu bằng mã hồ sơ tại kiốt của trung tâm; gọi 1022 khi cần hỗ trợ",
    "Thời gian trả kết quả tính theo bảng ngày làm việc hanoi-2026.1.",
    "NGƯỜI NỘP HỒ SƠ  NGƯỜI TIẾP NHẬN HỒ SƠ",
    "(Ký và ghi rõ họ tên)  (Ký và ghi rõ họ tên)",
    "Nguyễn Thị Mẫu  Trần Văn Cán",
    "Mẫu số 01, Thông tư số 03/2025/TT-VPCP. Bố cục của giấy chưa được đối chiếu với Công báo.  Trang 1/1",
];

fn paper(name: &str, original: u16, certified: u16, copies: u16) -> SlipPaper {
    SlipPaper { name: name.into(), original, certified, copies }
}

fn slip() -> SlipData {
    SlipData {
        parent_unit: "UBND THÀNH PHỐ HÀ NỘI".into(),
        unit: "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG CHI NHÁNH SỐ 1".into(),
        place: "Hà Nội".into(),
        code: SlipCode::Official("H26.112.00-261123-0001".into()),
        check: "7F3A09C2D1".into(),
        received_by: "Chi nhánh số 1, quầy số 3".into(),
        applicant: Party {
            name: "Nguyễn Thị Mẫu".into(),
            number: "001199000123".into(),
            address: "Số 1 Phố Mẫu, phường Hoàn Kiếm, Hà Nội".into(),
            phone: "0912 000 000".into(),
            email: "mau@example.vn".into(),
        },
        channel: Channel::Direct,
        owner: None,
        procedure_code: "1.004873".into(),
        procedure_name: "Cấp Giấy xác nhận tình trạng hôn nhân".into(),
        papers: vec![
            paper("Tờ khai cấp Giấy xác nhận tình trạng hôn nhân", 1, 0, 0),
            paper("Trích lục ghi chú ly hôn (nếu có)", 0, 1, 2),
        ],
        sets: 1,
        time_limit: Some("03 ngày làm việc".into()),
        instant: false,
        received_at: Moment::from_civil(datetime(2026, 11, 23, 8, 30, 0, 0)),
        due: Some(Moment::from_civil(datetime(2026, 11, 26, 8, 30, 0, 0))),
        fee: Some(Dong(15_000)),
        fee_paid: true,
        calendar: "hanoi-2026.1".into(),
        look_up: "tra cứu bằng mã hồ sơ tại kiốt của trung tâm".into(),
        hotline: "1022".into(),
        result_by: Some("tại quầy trả kết quả".into()),
        officer: "Trần Văn Cán".into(),
        form_set: FormSet::Tt03,
        language: Language::Vi,
        reissue: None,
    }
}

/// Everything as long as it gets.
fn long_slip() -> SlipData {
    let name = "Công Tằng Tôn Nữ Nguyễn Thị Phượng Uyển Khuê Nghiễm Ngọc Quỳnh Hương";
    let owner = Party { name: format!("Ông {name}"), ..slip().applicant };
    SlipData {
        applicant: Party {
            name: name.into(),
            address: "Số nhà 127B ngách 35 ngõ 420 đường Nguyễn Khuyến, tổ dân phố số 18, khu tập thể Ủy ban Dân tộc, phường Văn Miếu - Quốc Tử Giám, thành phố Hà Nội".into(),
            email: "mot.dia.chi.thu.dien.tu.rat.dai.khong.co.dau.cach@mot-ten-mien-cung-rat-dai.example.vn".into(),
            ..slip().applicant
        },
        owner: Some(owner),
        papers: (1..=12)
            .map(|number| {
                let name = format!(
                    "Giấy tờ thứ {number}: bản sao có chứng thực từ bản chính hoặc bản sao kèm bản chính để đối chiếu, trường hợp giấy tờ do cơ quan nước ngoài cấp thì phải được hợp pháp hóa lãnh sự và dịch ra tiếng Việt"
                );
                paper(&name, 1, number, 0)
            })
            .collect(),
        ..slip()
    }
}

fn temporary_slip() -> SlipData {
    let code = SlipCode::Temporary("TẠM-K2-7F3QXM-0007".into());
    SlipData { code, due: None, fee: None, time_limit: None, result_by: None, ..slip() }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder for this test"))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("the folder is writable");
        path
    }
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|fault| panic!("{program}: {fault}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn text_of(pdf: &[u8]) -> String {
    let folder = Folder::new();
    run("pdftotext", &["-layout", &folder.write("slip.pdf", pdf).to_string_lossy(), "-"])
}

/// The text with every space and line end as one blank, so that wrapping does not matter.
fn flowing(pdf: &[u8]) -> String {
    let folder = Folder::new();
    let text = run("pdftotext", &["-raw", &folder.write("slip.pdf", pdf).to_string_lossy(), "-"]);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn codes_in(picture: &Path) -> Vec<String> {
    let found = run("zbarimg", &["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", &picture.to_string_lossy()]);
    found.lines().map(str::to_owned).collect()
}

/// Every page of a PDF as a picture at the resolution of an office scanner.
fn pictures(folder: &Folder, pdf: &[u8]) -> Vec<PathBuf> {
    pictures_at(folder, pdf, 200)
}

fn pictures_at(folder: &Folder, pdf: &[u8], dpi: u16) -> Vec<PathBuf> {
    let path = folder.write("slip.pdf", pdf);
    let stem = folder.0.path().join("page");
    run("pdftoppm", &["-r", &dpi.to_string(), "-png", &path.to_string_lossy(), &stem.to_string_lossy()]);
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder.0.path())
        .expect("the folder is readable")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "png"))
        .collect();
    pages.sort();
    pages
}

#[test]
fn the_receipt_reads_as_it_was_laid_out() {
    let text = text_of(&slip_pdf(&slip()).unwrap());
    let shown: Vec<String> = text.lines().map(with_even_gaps).filter(|line| !line.is_empty()).collect();
    assert_eq!(shown, RECEIPT_TEXT);
}

fn with_even_gaps(line: &str) -> String {
    line.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

#[test]
fn every_fact_is_on_the_paper_however_long() {
    let data = long_slip();
    let pdf = slip_pdf(&data).unwrap();
    let text = flowing(&pdf);
    let owner = &data.owner.as_ref().unwrap().name;
    let facts = [&data.applicant.name, owner, &data.applicant.address, &data.unit, &data.officer, &data.calendar];
    for fact in facts.into_iter().chain(data.papers.iter().map(|paper| &paper.name)) {
        assert!(text.contains(fact.as_str()), "{fact:?} is missing in {text}");
    }
    // A text that has no blank is broken where its line ends.
    assert!(text.replace(' ', "").contains(&data.applicant.email), "{text}");
    assert!(text.contains("Trang 2/3") && text.contains("(tiếp theo)"), "{text}");
    assert!(pdf.len() < RECEIPT_BYTES, "{} bytes", pdf.len());
}

#[test]
fn the_code_scans_from_the_printed_size_and_from_the_picture() {
    for data in [slip(), long_slip(), temporary_slip()] {
        let folder = Folder::new();
        let pages = pictures(&folder, &slip_pdf(&data).unwrap());
        assert_eq!(codes_in(&pages[0]), [data.qr_text()]);
        let picture = folder.write("preview.png", &slip_png(&data).unwrap());
        assert_eq!(codes_in(&picture), [data.qr_text()]);
    }
    assert_eq!(temporary_slip().qr_text(), "MR1:TAM-K2-7F3QXM-0007:7F3A09C2D1");
}

#[test]
fn a_receipt_is_small_and_the_same_each_time() {
    for data in [slip(), temporary_slip()] {
        let pdf = slip_pdf(&data).unwrap();
        assert!(pdf.len() < RECEIPT_BYTES, "{} bytes", pdf.len());
        assert_eq!(pdf, slip_pdf(&data).unwrap());
        assert_eq!(slip_png(&data).unwrap(), slip_png(&data).unwrap());
    }
}

#[test]
fn what_is_not_known_is_asked_for_and_a_temporary_code_says_what_it_is() {
    let text = flowing(&slip_pdf(&temporary_slip()).unwrap());
    for sentence in [
        "Mã hồ sơ: TẠM-K2-7F3QXM-0007",
        "Mã tạm thời. Mã hồ sơ chính thức sẽ được cấp sau",
        "giấy này vẫn có giá trị",
        "Thời gian giải quyết theo quy định: hỏi cán bộ",
        "Thời gian trả kết quả: hỏi cán bộ",
        "Nhận kết quả: hỏi cán bộ",
    ] {
        assert!(text.contains(sentence), "{sentence:?} in {text}");
    }
    for (fee_paid, sentence) in
        [(false, "Phí, lệ phí: hỏi cán bộ"), (true, "Phí, lệ phí: đã nộp, số tiền theo biên lai")]
    {
        let text = flowing(&slip_pdf(&SlipData { fee_paid, ..temporary_slip() }).unwrap());
        assert!(text.contains(sentence), "{sentence:?} in {text}");
    }
}

#[test]
fn an_instant_procedure_says_why_there_is_a_paper() {
    let data = SlipData { instant: true, fee: Some(Dong(0)), papers: vec![], ..slip() };
    let text = flowing(&slip_pdf(&data).unwrap());
    for sentence in ["được cấp theo đề nghị", "Phí, lệ phí: không thu", "không có giấy tờ"] {
        assert!(text.contains(sentence), "{sentence:?} in {text}");
    }
}

#[test]
fn what_cannot_be_made_is_a_named_fault() {
    let early = Moment::from_civil(datetime(2018, 12, 31, 8, 0, 0, 0));
    let fault = slip_pdf(&SlipData { received_at: early, ..slip() }).unwrap_err();
    assert!(matches!(fault, DocumentFault::NoForm { day, .. } if day == date(2018, 12, 31)), "{fault}");
    let fault = slip_png(&SlipData { check: "7".repeat(8_000), ..slip() }).unwrap_err();
    assert!(matches!(fault, DocumentFault::QrTooLong { .. }), "{fault}");
}

#[test]
fn decomposed_letters_come_back_composed() {
    let mut data = slip();
    data.applicant.name = "Nguye\u{302}\u{303}n Thi\u{323} Ma\u{302}\u{303}u".into();
    assert_eq!(slip_pdf(&data).unwrap(), slip_pdf(&slip()).unwrap());
}

#[test]
fn debug_output_names_nobody() {
    let shown = format!("{:?}", long_slip());
    assert!(!shown.contains("Nguyễn Thị") && !shown.contains("001199000123"), "{shown}");
}

#[test]
fn codes_for_the_screen_scan_and_give_the_bytes_back() {
    let folder = Folder::new();
    let event: Vec<u8> = (0..600_u32).map(|index| (index * 7 % 251) as u8).collect();
    let text = carried_to_text(&event);
    let picture = folder.write("code.png", &qr_png(&text, NonZeroU8::new(3).unwrap()).unwrap());
    let found = codes_in(&picture);
    assert_eq!(found.as_slice(), std::slice::from_ref(&text));
    assert_eq!(text_to_carried(&found[0]), Ok(event));
    let svg = qr_svg(&text).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
}

fn ticket(language: &str) -> TicketSlip {
    TicketSlip {
        centre_name: (
            "Trung tâm Phục vụ hành chính công - Chi nhánh số 1".into(),
            "Public Administration Service Centre - Branch 1".into(),
        ),
        service: ("Xác nhận tình trạng hôn nhân".into(), "Marital status certificate".into()),
        number: "A105".into(),
        zone: "Khu A".into(),
        issued_at: Moment::from_civil(datetime(2026, 11, 23, 8, 5, 9, 0)),
        day: date(2026, 11, 23),
        ahead: 12,
        wait_minutes: Some(25),
        priority: false,
        copy: false,
        language: language.into(),
        qr_text: carried_to_text(&[0xA5; 640]),
        hotline: "1022".into(),
    }
}

fn texts(paper: &Paper) -> Vec<String> {
    let text = |block: &Block| match block {
        Block::Text { text, .. } => Some(text.clone()),
        Block::Columns { left, right } => Some(format!("{left}: {right}")),
        Block::Qr { text, module_dots } => Some(format!("QR {} x {module_dots}", text.len())),
        Block::Rule | Block::Space { .. } => None,
    };
    paper.blocks.iter().filter_map(text).collect()
}

#[test]
fn a_ticket_says_what_the_citizen_needs_in_both_languages() {
    let vietnamese = texts(&ticket_paper(&ticket("vi"), 576));
    assert_eq!(
        vietnamese,
        [
            "Trung tâm Phục vụ hành chính công - Chi nhánh số 1",
            "Public Administration Service Centre - Branch 1",
            "Xác nhận tình trạng hôn nhân",
            "Marital status certificate",
            "A105",
            "Chờ tại: Khu A",
            "Phía trước: 12 người",
            "Thời gian chờ: khoảng 25 phút",
            "QR 964 x 4",
            "Lấy số lúc 08:05",
            "Chỉ có giá trị trong ngày 23/11/2026",
            "Hỗ trợ: 1022",
        ]
    );
    let english = texts(&ticket_paper(&ticket("en"), 576));
    assert_eq!(
        english,
        [
            "Public Administration Service Centre - Branch 1",
            "Trung tâm Phục vụ hành chính công - Chi nhánh số 1",
            "Marital status certificate",
            "Xác nhận tình trạng hôn nhân",
            "A105",
            "Wait at / Chờ tại: Khu A",
            "Ahead / Phía trước: 12",
            "Waiting / Chờ: about 25 min",
            "QR 964 x 4",
            "Issued / Lấy số lúc 08:05",
            "Good only on 23/11/2026 / Chỉ trong ngày",
            "Help / Hỗ trợ: 1022",
        ]
    );
}

#[test]
fn a_copy_a_priority_and_an_unknown_wait_are_told() {
    let slip = TicketSlip { copy: true, priority: true, wait_minutes: None, qr_text: String::new(), ..ticket("vi") };
    let shown = texts(&ticket_paper(&slip, 384));
    assert_eq!(shown[0], "BẢN SAO / COPY");
    assert!(shown.contains(&"ƯU TIÊN / PRIORITY".to_owned()));
    assert!(shown.contains(&"Thời gian chờ: hỏi cán bộ".to_owned()));
    assert!(!shown.iter().any(|text| text.starts_with("QR ")));
}
