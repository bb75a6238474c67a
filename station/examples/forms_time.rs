//! Medians and least times of 200 runs of each form as PDF, and the book of 1,000 and 10,000 rows. Run with `--release`; with a folder as
//! argument it leaves the forms there to be looked at, in both languages, with short and with long texts.

#[path = "../tests/documents/samples.rs"]
mod samples;

use std::path::Path;
use std::time::Instant;

use samples::Texts;
use station::documents::{
    DocumentFault, FeeCopy, Language, Refused, apology_pdf, control_pdf, fee_receipt_pdf, handover_pdf, refusal_pdf,
    register_pdf, results_handover_pdf, supplement_pdf,
};

const RUNS: usize = 200;
const PEOPLE: [&str; 4] = ["Nguyễn Thị Mẫu", "Đỗ Quỳnh Khuê", "Lò Văn Ỷ", "Vũ Hoàng Giẽ"];

type Made = Result<Vec<u8>, DocumentFault>;
type Named = (&'static str, fn(&Texts) -> Made);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Some(folder) = std::env::args().nth(1) {
        leave(Path::new(&folder))?;
    }
    let forms: [Named; 9] = [
        ("supplement", |texts| supplement_pdf(&samples::supplement(texts, 3))),
        ("refusal", |texts| refusal_pdf(&samples::refusal(texts, Refused::Dossier))),
        ("stop", |texts| refusal_pdf(&samples::refusal(texts, Refused::FurtherWork))),
        ("apology", |texts| apology_pdf(&samples::apology(texts))),
        ("control", |texts| control_pdf(&samples::control(texts, 3))),
        ("fee receipt", |texts| fee_receipt_pdf(&samples::fee_receipt(texts, None, &[FeeCopy::Payer]))),
        ("fee receipt, VietQR", |texts| {
            fee_receipt_pdf(&samples::fee_receipt(texts, Some(samples::TRANSFER), &[FeeCopy::Payer]))
        }),
        ("hand-over", |texts| handover_pdf(&samples::handover(texts), &samples::handover_rows(texts, 10))),
        ("results", |texts| results_handover_pdf(&samples::handover(texts), &samples::result_rows(texts, 6))),
    ];
    for (name, make) in forms {
        let (ms, least_ms, bytes) = measured(make)?;
        println!("{name:<22}{ms:>9.3} ms (least {least_ms:.3} ms) {bytes:>8} bytes");
    }
    for rows in [1_000, 10_000] {
        let data = samples::register(&Texts::short(Language::Vi), rows);
        let begun = Instant::now();
        let pdf = register_pdf(&data)?.pdf;
        println!("book of {rows:<14}{:>9.0} ms {:>8} bytes", begun.elapsed().as_secs_f64() * 1_000.0, pdf.len());
    }
    Ok(())
}

/// The median and the least time after one run that warms up, and the most bytes; somebody else in each run.
fn measured(make: impl Fn(&Texts) -> Made) -> Result<(f64, f64, usize), DocumentFault> {
    let mut texts = Texts::short(Language::Vi);
    make(&texts)?;
    let (mut times_ms, mut most) = (Vec::with_capacity(RUNS), 0);
    for run in 0..RUNS {
        texts.person = format!("{} {run}", PEOPLE[run % PEOPLE.len()]);
        let begun = Instant::now();
        most = most.max(make(&texts)?.len());
        times_ms.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    times_ms.sort_by(f64::total_cmp);
    Ok((times_ms[RUNS / 2], times_ms[0], most))
}

fn leave(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder)?;
    for (language, code) in [(Language::Vi, "vi"), (Language::En, "en")] {
        for (texts, length) in [(Texts::short(language), "short"), (Texts::long(language), "long")] {
            for (name, pdf) in samples::all(&texts)? {
                std::fs::write(folder.join(format!("{name}-{code}-{length}.pdf")), pdf)?;
            }
        }
    }
    Ok(())
}
