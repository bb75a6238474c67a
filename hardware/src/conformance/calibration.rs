//! The page by which an eye judges a printer.

use crate::paper::{Align, Paper, TextSize};
use crate::printer::raster::{Piece, Rasterizer};
use crate::printer::{Profile, QrMode};
use crate::status::Fault;

/// Every letter of Vietnamese that carries a mark, small; the capitals follow from it.
const LETTERS: &str = "áàảãạ ăắằẳẵặ âấầẩẫậ đ éèẻẽẹ êếềểễệ íìỉĩị óòỏõọ ôốồổỗộ ơớờởỡợ úùủũụ ưứừửữự ýỳỷỹỵ";

/// The page for a model: what it claims, letters in both cases, a number, a code, a ruler across the whole width.
pub(super) fn calibration(profile: &Profile) -> Paper {
    let centimetres = profile.width_dots / profile.dots_per_mm.max(1) / 10;
    Paper::new()
        .bold("KIỂM TRA MÁY IN", TextSize::Large, Align::Center)
        .text(
            &format!("{}: {} / {} mm", profile.name, profile.width_dots, profile.dots_per_mm),
            TextSize::Small,
            Align::Center,
        )
        .rule()
        .text(LETTERS, TextSize::Normal, Align::Left)
        .text(&LETTERS.to_uppercase(), TextSize::Normal, Align::Left)
        .bold("A105", TextSize::Huge, Align::Center)
        .qr("MOTCUA:CALIBRATION:0123456789", 6)
        // The rules of this page are as wide as the head: an end that is missing is a head set too narrow.
        .columns("|<", ">|")
        .text(&(1..=centimetres).map(|cm| cm.to_string()).collect::<Vec<_>>().join(" "), TextSize::Small, Align::Left)
        .rule()
}

/// How long the page comes out, with the paper up to the cutter.
pub(super) fn height_mm(paper: &Paper, profile: &Profile) -> Result<f64, Fault> {
    let mut rasterizer = Rasterizer::new().map_err(|_| Fault::PaperUnprintable)?;
    let pieces = rasterizer.draw(paper, profile.width_dots, QrMode::Raster)?;
    let dots: usize =
        pieces.iter().map(|piece| if let Piece::Dots(canvas) = piece { canvas.height_dots() } else { 0 }).sum();
    Ok((dots + usize::from(profile.head_to_cutter_dots)) as f64 / f64::from(profile.dots_per_mm.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::Block;

    #[test]
    fn every_letter_with_a_mark_is_there_once() {
        let letters: Vec<char> = LETTERS.chars().filter(|letter| *letter != ' ').collect();
        assert_eq!(letters.len(), 67);
        assert_eq!(letters.iter().collect::<std::collections::HashSet<_>>().len(), 67);
        let page = calibration(&Profile::named("generic-58mm").unwrap());
        assert!(page.blocks.iter().any(|block| matches!(block, Block::Text { text, .. } if text.contains('Ẵ'))));
    }

    #[test]
    fn the_page_fits_every_profile() {
        let profiles = Profile::all().unwrap().into_iter().filter(|profile| profile.prints_dots());
        for profile in profiles {
            let height_mm = height_mm(&calibration(&profile), &profile);
            assert!(height_mm.is_ok_and(|height| height > 80.0), "{}: {height_mm:?}", profile.name);
        }
    }
}
