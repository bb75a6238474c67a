//! Pages as PDF: real text with a map back to Unicode, fonts with only the glyphs that are used, no clock and no chance.

use std::collections::{BTreeMap, BTreeSet};

use intake::moment::Moment;
use printpdf::{
    DictItem, FontId, FontMetrics, FontType, Mm, OffsetDateTime, Op, ParsedFont, PdfDocument, PdfFont, PdfFontHandle,
    PdfFontMetricsStub, PdfPage, PdfSaveOptions, Point, Pt, TextItem, to_lopdf_doc,
};

use super::DocumentFault;
use super::face::{Face, MM_PER_PT, Weight};
use super::page::{Mark, Page};
use super::qr::Modules;
use super::subset::subset;

/// The document of these pages.
pub(super) fn write(pages: &[Page], title: &str, at: Moment) -> Result<Vec<u8>, DocumentFault> {
    let mut document = PdfDocument::new(title);
    let stamp = OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000))
        .map_err(|fault| DocumentFault::Pdf(fault.to_owned()))?;
    document.metadata.info.creation_date = stamp;
    document.metadata.info.modification_date = stamp;
    for (weight, letters) in letters(pages) {
        let font = PdfFont::new(embedded(weight.face()?, &letters)?);
        document.resources.fonts.map.insert(font_id(weight), font);
    }
    let paged = |page: &Page| PdfPage::new(Mm(page.sheet.width_mm), Mm(page.sheet.height_mm), ops(page));
    document.pages = pages.iter().map(paged).collect();
    save(&document)
}

fn save(document: &PdfDocument) -> Result<Vec<u8>, DocumentFault> {
    // `secure` would drop the path operators that we write ourselves.
    let options = PdfSaveOptions { secure: false, image_optimization: None, ..PdfSaveOptions::default() };
    let mut written = to_lopdf_doc(document, &options, &mut vec![]);
    // The file's id is drawn at random; without one the same receipt has the same bytes.
    written.trailer.remove(b"ID");
    written.compress();
    let mut bytes = Vec::with_capacity(32 * 1024);
    written.save_modern(&mut bytes).map_err(|fault| DocumentFault::Pdf(fault.to_string()))?;
    Ok(bytes)
}

/// Which letters each weight needs.
fn letters(pages: &[Page]) -> BTreeMap<Weight, BTreeSet<char>> {
    let mut letters: BTreeMap<Weight, BTreeSet<char>> = BTreeMap::new();
    for mark in pages.iter().flat_map(|page| &page.marks) {
        if let Mark::Text { weight, text, .. } = mark {
            letters.entry(*weight).or_default().extend(text.chars());
        }
    }
    letters
}

fn embedded(face: &Face, letters: &BTreeSet<char>) -> Result<ParsedFont, DocumentFault> {
    let glyphs: BTreeMap<u32, u16> =
        letters.iter().filter_map(|letter| Some((u32::from(*letter), face.glyph(*letter)?))).collect();
    let used: Vec<u16> = glyphs.values().copied().collect();
    let units_per_em = face.units_per_em as u16;
    Ok(ParsedFont {
        original_bytes: subset(face.bytes, &used)?,
        font_index: 0,
        // Six letters and a plus sign mark a font that is not whole (ISO 32000-1, 9.6.4).
        font_name: Some(format!("MOTCUA+{}", face.name)),
        glyph_widths: used.iter().map(|glyph| (*glyph, face.advance_units(*glyph))).collect(),
        codepoint_to_glyph: glyphs,
        units_per_em,
        font_metrics: FontMetrics { ascent: face.ascent_units, descent: face.descent_units },
        font_type: FontType::TrueType,
        pdf_font_metrics: PdfFontMetricsStub {
            units_per_em,
            x_min: 0,
            y_min: face.descent_units,
            x_max: units_per_em as i16,
            y_max: face.ascent_units,
            ..PdfFontMetricsStub::default()
        },
    })
}

fn font_id(weight: Weight) -> FontId {
    FontId(match weight {
        Weight::Regular => "R".to_owned(),
        Weight::Bold => "B".to_owned(),
    })
}

fn ops(page: &Page) -> Vec<Op> {
    let mut ops = Vec::with_capacity(page.marks.len() * 3 + 512);
    texts(&mut ops, page);
    let mut bars = vec![];
    for mark in &page.marks {
        match mark {
            Mark::Text { .. } => {}
            Mark::Bar { x_mm, y_mm, width_mm, height_mm } => {
                let corner = [*x_mm, page.sheet.height_mm - y_mm - height_mm, *width_mm, *height_mm].map(points);
                bars.push(operator("re", corner.map(DictItem::Real).into()));
            }
            Mark::Qr { x_mm, y_mm, edge_mm, modules } => {
                code(&mut ops, (*x_mm, page.sheet.height_mm - y_mm - edge_mm), *edge_mm, modules);
            }
        }
    }
    // One path for all of them.
    if !bars.is_empty() {
        bars.push(operator("f", vec![]));
    }
    ops.append(&mut bars);
    ops
}

/// All texts in one text object, each placed relative to the one before.
fn texts(ops: &mut Vec<Op>, page: &Page) {
    ops.push(Op::StartTextSection);
    let mut pen = (0.0, 0.0);
    let mut set = None;
    for mark in &page.marks {
        let Mark::Text { x_mm, baseline_mm, size_pt, weight, text } = mark else { continue };
        if set != Some((*weight, *size_pt)) {
            set = Some((*weight, *size_pt));
            ops.push(Op::SetFont { font: PdfFontHandle::External(font_id(*weight)), size: Pt(*size_pt) });
        }
        let to = (points(*x_mm), points(page.sheet.height_mm - baseline_mm));
        let pos = Point { x: Pt(rounded(to.0 - pen.0)), y: Pt(rounded(to.1 - pen.1)) };
        ops.push(Op::SetTextCursor { pos });
        ops.push(Op::ShowText { items: vec![TextItem::Text(text.clone())] });
        pen = to;
    }
    ops.push(Op::EndTextSection);
}

/// A code as one path in units of a module, its origin at its bottom left corner, as PDF counts.
fn code(ops: &mut Vec<Op>, (x_mm, bottom_mm): (f32, f32), edge_mm: f32, modules: &Modules) {
    let module_pt = edge_mm / MM_PER_PT / modules.edge() as f32;
    let (x, y) = (points(x_mm), points(bottom_mm));
    ops.push(operator("q", vec![]));
    ops.push(operator("cm", [module_pt, 0.0, 0.0, module_pt, x, y].map(DictItem::Real).into()));
    for run in modules.runs() {
        let corner = [run.x, modules.edge() - 1 - run.y, run.length, 1];
        let corner = corner.map(|value| DictItem::Int(i64::try_from(value).unwrap_or(i64::MAX)));
        ops.push(operator("re", corner.into()));
    }
    ops.push(operator("f", vec![]));
    ops.push(operator("Q", vec![]));
}

fn operator(key: &str, value: Vec<DictItem>) -> Op {
    Op::Unknown { key: key.to_owned(), value }
}

/// Points of millimetres, to a hundredth: finer than any printer, and short in the file.
fn points(mm: f32) -> f32 {
    rounded(mm / MM_PER_PT)
}

fn rounded(pt: f32) -> f32 {
    (pt * 100.0).round() / 100.0
}
