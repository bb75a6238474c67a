//! The forms as whoever reads and scans them does: every text, every row, every code, nothing beyond the paper's edge.

use intake::catalogue::FormSet;
use jiff::civil::date;
use proptest::prelude::*;
use station::documents::{
    Book, DocumentFault, FeeCopy, Form, FormKind, Forms, Language, Refused, Reissue, SlipData, apology_pdf,
    control_pdf, fee_receipt_pdf, handover_pdf, refusal_pdf, register_pdf, results_handover_pdf, slip_pdf,
    supplement_pdf,
};

use super::samples::{self, CHECK, CODE, TRANSFER, Texts, at};
use super::{Folder, codes_in, flowing, pictures_at, run, slip, text_of, with_even_gaps};

/// The largest form of one page that a slow line should carry.
const FORM_BYTES: usize = 20_000;
/// The same for the three copies of a receipt for money, each with two codes.
const THREE_COPIES_BYTES: usize = 30_000;

/// Each form's text as `pdftotext -layout` reads it; every gap is two blanks there.
const READ: [(&str, &str); 10] = [
    ("supplement", include_str!("papers/supplement.txt")),
    ("refusal", include_str!("papers/refusal.txt")),
    ("stop", include_str!("papers/stop.txt")),
    ("apology", include_str!("papers/apology.txt")),
    ("control", include_str!("papers/control.txt")),
    ("register", include_str!("papers/register.txt")),
    ("fee_receipt", include_str!("papers/fee_receipt.txt")),
    ("fee_transfer", include_str!("papers/fee_transfer.txt")),
    ("handover", include_str!("papers/handover.txt")),
    ("results_handover", include_str!("papers/results_handover.txt")),
];

#[test]
fn each_form_reads_as_it_was_laid_out() {
    let made = samples::all(&Texts::short(Language::Vi)).unwrap();
    assert_eq!(made.len(), READ.len());
    for ((name, pdf), (expected_name, expected)) in made.iter().zip(READ) {
        assert_eq!(*name, expected_name);
        let text = text_of(pdf);
        let shown: Vec<String> = text.lines().map(with_even_gaps).filter(|line| !line.is_empty()).collect();
        assert_eq!(shown, expected.lines().collect::<Vec<_>>(), "{name}");
        assert!(unicode_normalization::is_nfc(expected), "{name}");
    }
}

#[test]
fn fonts_are_embedded_as_far_as_they_are_used_and_texts_can_be_searched() {
    for (name, pdf) in samples::all(&Texts::short(Language::En)).unwrap() {
        let folder = Folder::new();
        let fonts = run("pdffonts", &[&folder.write("form.pdf", &pdf).to_string_lossy()]);
        let faces: Vec<&str> = fonts.lines().skip(2).collect();
        assert_eq!(faces.len(), 2, "{name}: {fonts}");
        for face in faces {
            assert!(face.starts_with("MOTCUA+BeVietnamPro") && face.contains("yes yes yes"), "{name}: {face}");
        }
    }
}

#[test]
fn a_form_of_one_page_is_small_and_the_same_each_time() {
    let (first, again) =
        (samples::all(&Texts::short(Language::Vi)).unwrap(), samples::all(&Texts::short(Language::Vi)).unwrap());
    for ((name, pdf), (_, again)) in first.iter().zip(&again) {
        let most = if flowing(pdf).contains("Trang 1/1") { FORM_BYTES } else { THREE_COPIES_BYTES };
        assert!(pdf.len() <= most, "{name}: {} bytes", pdf.len());
        assert!(pdf == again, "{name}");
    }
}

#[test]
fn every_code_scans_at_the_resolutions_of_fax_like_scanners_and_of_label_printers() {
    let receipt = format!("MR1:{CODE}:{CHECK}");
    for (name, pdf) in samples::all(&Texts::long(Language::En)).unwrap() {
        let expected: Vec<&str> = match name {
            "register" => continue,
            "fee_transfer" => vec![TRANSFER, &receipt],
            "handover" | "results_handover" => vec!["MH1:BG-261124-01"],
            _ => vec![&receipt],
        };
        for dpi in [150, 203] {
            let folder = Folder::new();
            let mut found = codes_in(&pictures_at(&folder, &pdf, dpi)[0]);
            found.sort();
            assert_eq!(found, expected, "{name} at {dpi} dpi");
        }
    }
}

#[test]
fn no_row_is_lost_or_doubled_on_many_pages() {
    for texts in [Texts::short(Language::Vi), Texts::long(Language::En)] {
        let pdf = supplement_pdf(&samples::supplement(&texts, 40)).unwrap();
        each_once(&pdf, "GT", 4, 40);
        each_once(&pdf, "LD", 4, 40);
        let pdf = control_pdf(&samples::control(&texts, 60)).unwrap();
        each_once(&pdf, "B", 4, 60);
        each_once(&pdf, "GC", 4, 60);
        let pdf = handover_pdf(&samples::handover(&texts), &samples::handover_rows(&texts, 300)).unwrap();
        each_once(&pdf, "CH", 5, 300);
        each_once(&pdf, "H26.112.00-261123-", 4, 300);
        let pdf = results_handover_pdf(&samples::handover(&texts), &samples::result_rows(&texts, 90)).unwrap();
        each_once(&pdf, "CH", 5, 90);
    }
}

#[test]
fn a_book_of_a_thousand_has_every_line_in_its_order_and_its_head_on_every_page() {
    let Book { pdf, pages: told } = register_pdf(&samples::register(&Texts::short(Language::Vi), 1_000)).unwrap();
    each_once(&pdf, "CH", 5, 1_000);
    each_once(&pdf, "H26.112.00-261123-", 4, 1_000);
    let text = text_of(&pdf);
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    assert_eq!(pages.len(), told);
    let mut next = 1;
    for (index, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Trang {}/{}", index + 1, pages.len())), "{page}");
        let rows = page.lines().filter(|line| line.contains("H26.112.00-261123-"));
        for row in rows {
            assert!(row.trim_start().starts_with(&format!("{next:02} ")), "{next}: {row}");
            next += 1;
            assert!(page.contains("Tên thủ tục hành chính"), "{page}");
        }
    }
    assert_eq!(next, 1_001);
}

#[test]
fn a_row_that_no_page_holds_goes_on_over_the_next_ones() {
    let mut data = samples::supplement(&Texts::short(Language::En), 1);
    data.papers[0].name = (1..=900).map(|at| format!("GT{at:04}")).collect::<Vec<_>>().join(" ");
    data.papers[0].reason = "ngắn".into();
    let mut after = data.papers[0].clone();
    after.name = "GT0901 cuối".into();
    data.papers.push(after);
    let pdf = supplement_pdf(&data).unwrap();
    each_once(&pdf, "GT", 4, 901);
    assert!(placed(&pdf).len() > 3);
    lies_well(&pdf).unwrap();
}

/// Each number stands behind `mark` once, from 1 to `count`, in its order.
fn each_once(pdf: &[u8], mark: &str, digits: usize, count: usize) {
    let text = flowing(pdf).replace(' ', "");
    let numbers: Vec<usize> = text
        .match_indices(mark)
        .filter_map(|(at, _)| text[at + mark.len()..].get(..digits)?.parse().ok())
        .filter(|number| *number > 0)
        .collect();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "{mark}");
}

#[test]
fn a_receipt_that_stands_for_another_says_so() {
    let again = Some(Reissue { number: 2, replaces: at(23, 8, 30), at: at(25, 10, 0) });
    let text = flowing(&slip_pdf(&SlipData { reissue: again, ..slip() }).unwrap());
    assert!(text.contains("Hà Nội, ngày 25 tháng 11 năm 2026"), "{text}");
    assert!(text.contains("CẤP LẠI LẦN 2 (thay cho bản ngày 23/11/2026) Mã hồ sơ: H26.112.00-261123-0001"), "{text}");
    assert!(!flowing(&slip_pdf(&slip()).unwrap()).contains("CẤP LẠI"));
}

#[test]
fn a_receipt_speaks_english_beside_vietnamese() {
    let text = flowing(&slip_pdf(&SlipData { language: Language::En, ..slip() }).unwrap());
    for part in [
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ Receipt of a dossier and appointment for its result",
        "Người nộp hồ sơ / Applicant: Nguyễn Thị Mẫu (nộp trực tiếp / in person)",
        "Thời gian trả kết quả / Result on: 08 giờ 30 phút, ngày 26 tháng 11 năm 2026 (08:30, 26 November 2026)",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
}

#[test]
fn procedures_of_the_police_get_the_polices_titles() {
    let texts = Texts::short(Language::Vi);
    for (set, title, foot) in [
        (
            FormSet::PoliceResidence,
            "PHIẾU HƯỚNG DẪN BỔ SUNG, HOÀN THIỆN HỒ SƠ",
            "Mẫu CT05, Thông tư số 66/2023/TT-BCA.",
        ),
        (FormSet::PoliceIdentity, "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", "Mẫu số 02, Thông tư số 03/2025/TT-VPCP."),
    ] {
        let mut data = samples::supplement(&texts, 1);
        data.heading.set = set;
        let text = flowing(&supplement_pdf(&data).unwrap());
        assert!(text.contains(title) && text.contains(foot), "{text}");
    }
    let text = flowing(&slip_pdf(&SlipData { form_set: FormSet::PoliceIdentity, ..slip() }).unwrap());
    assert!(text.contains("GIẤY HẸN TRẢ KẾT QUẢ GIẢI QUYẾT THỦ TỤC VỀ CĂN CƯỚC"), "{text}");
}

#[test]
fn paper_that_no_rule_knows_yet_is_not_made() {
    let mut data = samples::refusal(&Texts::short(Language::Vi), Refused::FurtherWork);
    data.heading.at = intake::moment::Moment::from_civil(date(2025, 9, 14).at(9, 0, 0, 0));
    let fault = refusal_pdf(&data).unwrap_err();
    assert!(matches!(fault, DocumentFault::NoForm { kind: FormKind::Stop, .. }), "{fault}");
    let form: &Form = Forms::embedded().unwrap().on(FormKind::Stop, FormSet::Tt03, date(2025, 9, 15)).unwrap();
    assert_eq!(form.number.as_deref(), Some("Mẫu số 05"));
}

#[test]
fn debug_output_of_forms_names_nobody() {
    let texts = Texts::short(Language::Vi);
    for shown in [
        format!("{:?}", samples::supplement(&texts, 1)),
        format!("{:?}", samples::refusal(&texts, Refused::Dossier)),
        format!("{:?}", samples::apology(&texts)),
        format!("{:?}", samples::control(&texts, 1)),
        format!("{:?}", samples::fee_receipt(&texts, None, &FeeCopy::ALL)),
        format!("{:?}", samples::register(&texts, 1).rows),
        format!("{:?}", samples::handover_rows(&texts, 1)),
        format!("{:?}", samples::result_rows(&texts, 1)),
    ] {
        assert!(!shown.contains("Nguyễn Thị") && !shown.contains("Phố Mẫu"), "{shown}");
    }
}

/// A word on a page: its left, top, right and bottom in points.
type Placed = (f32, f32, f32, f32, String);

/// Pages as `pdftotext -bbox` reads them: width, height, words.
fn placed(pdf: &[u8]) -> Vec<(f32, f32, Vec<Placed>)> {
    let folder = Folder::new();
    let html = run("pdftotext", &["-bbox", &folder.write("form.pdf", pdf).to_string_lossy(), "-"]);
    let value = |line: &str, name: &str| -> f32 {
        let (_, rest) = line.split_once(&format!("{name}=\"")).expect("an attribute");
        rest.split('"').next().expect("a value").parse().expect("a number")
    };
    let mut pages: Vec<(f32, f32, Vec<Placed>)> = vec![];
    for line in html.lines().map(str::trim) {
        if line.starts_with("<page ") {
            pages.push((value(line, "width"), value(line, "height"), vec![]));
        } else if line.starts_with("<word ") {
            let text = line.split(['>', '<']).nth(2).unwrap_or_default().to_owned();
            let [left, top, right, bottom] = ["xMin", "yMin", "xMax", "yMax"].map(|name| value(line, name));
            pages.last_mut().expect("a page").2.push((left, top, right, bottom, text));
        }
    }
    pages
}

/// No word leaves the paper, and none stands on another, but for the very tips of accents.
fn lies_well(pdf: &[u8]) -> Result<(), TestCaseError> {
    for (width, height, words) in placed(pdf) {
        for word @ (left, top, right, bottom, _) in &words {
            prop_assert!(*left >= 24.0 && *right <= width - 24.0, "{word:?} of {width}");
            prop_assert!(*top >= 12.0 && *bottom <= height - 6.0, "{word:?} of {height}");
        }
        for (at, one) in words.iter().enumerate() {
            for other in &words[at + 1..] {
                let middle = |word: &Placed| (word.1 * 0.88 + word.3 * 0.12, word.1 * 0.12 + word.3 * 0.88);
                let ((top, bottom), (other_top, other_bottom)) = (middle(one), middle(other));
                let apart =
                    one.2 <= other.0 + 0.3 || other.2 <= one.0 + 0.3 || bottom <= other_top || other_bottom <= top;
                prop_assert!(apart, "{one:?} on {other:?}");
            }
        }
    }
    Ok(())
}

fn says(pdf: &[u8], given: &[&str]) -> Result<(), TestCaseError> {
    let text = flowing(pdf).replace(' ', "");
    for word in given.iter().flat_map(|given| given.split_whitespace()) {
        prop_assert!(text.contains(word), "{word:?} is not in {text}");
    }
    Ok(())
}

fn words(most: usize) -> impl Strategy<Value = String> {
    proptest::string::string_regex(&format!("([a-zđà-ãè-êìíò-õùúýăĩũơưạ-ỹ]{{1,9}} ){{0,{most}}}[a-z]{{1,9}}")).unwrap()
}

fn texts() -> impl Strategy<Value = Texts> {
    let capitals = || "([A-ZĐÀ-Ã]{1,9} ){0,12}[A-Z]{1,9}";
    let heads = (any::<bool>(), capitals(), capitals());
    (heads, words(14), words(14), words(50), words(70), words(60), words(110)).prop_map(
        |((english, parent_unit, unit), person, other, address, procedure, paper, reason)| Texts {
            language: if english { Language::En } else { Language::Vi },
            parent_unit,
            unit,
            person,
            other,
            email: "a@example.vn".into(),
            address,
            procedure,
            paper,
            reason,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn whatever_the_lengths_every_word_is_on_the_paper_and_none_beyond_it(texts in texts(), count in 1_usize..9) {
        let Texts { parent_unit, unit, person, other, address, procedure, paper, reason, .. } = &texts;
        let handed = samples::handover(&texts);
        for (pdf, given) in [
            (supplement_pdf(&samples::supplement(&texts, count)), vec![address, procedure, paper, reason]),
            (refusal_pdf(&samples::refusal(&texts, Refused::Dossier)), vec![address, procedure, reason]),
            (apology_pdf(&samples::apology(&texts)), vec![address, procedure, reason]),
            (control_pdf(&samples::control(&texts, count)), vec![address, procedure, paper]),
            (fee_receipt_pdf(&samples::fee_receipt(&texts, Some(TRANSFER), &FeeCopy::ALL)), vec![address, procedure]),
            (handover_pdf(&handed, &samples::handover_rows(&texts, count)), vec![procedure, reason]),
            (results_handover_pdf(&handed, &samples::result_rows(&texts, count)), vec![address, procedure, reason]),
            (register_pdf(&samples::register(&texts, count)).map(|book| book.pdf), vec![address, procedure]),
        ] {
            let pdf = pdf.unwrap();
            lies_well(&pdf)?;
            says(&pdf, &[parent_unit, unit, person, other])?;
            says(&pdf, &given.into_iter().map(String::as_str).collect::<Vec<_>>())?;
        }
    }

}

#[test]
fn nothing_at_all_is_a_form_too() {
    for language in [Language::Vi, Language::En] {
        let nothing = String::new;
        let texts = Texts {
            language,
            parent_unit: nothing(),
            unit: nothing(),
            person: nothing(),
            other: nothing(),
            address: nothing(),
            email: nothing(),
            procedure: nothing(),
            paper: nothing(),
            reason: nothing(),
        };
        for pdf in [
            supplement_pdf(&samples::supplement(&texts, 0)),
            control_pdf(&samples::control(&texts, 0)),
            handover_pdf(&samples::handover(&texts), &[]),
            results_handover_pdf(&samples::handover(&texts), &[]),
            register_pdf(&samples::register(&texts, 0)).map(|book| book.pdf),
        ] {
            lies_well(&pdf.unwrap()).unwrap();
        }
        for (_, pdf) in samples::all(&texts).unwrap() {
            lies_well(&pdf).unwrap();
        }
    }
}
