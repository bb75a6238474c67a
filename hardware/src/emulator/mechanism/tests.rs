use super::*;
use crate::printer::raster::Piece;
use crate::printer::{Profile, protocol};
use proptest::prelude::*;

fn printer(paper_left_dots: u64) -> Mechanism {
    Mechanism::new(PrinterModel::default(), paper_left_dots)
}

const ROLL_DOTS: u64 = 80_000 * DOTS_PER_MM;

#[test]
fn paper_runs_out_in_the_midst_and_the_rest_waits_for_the_next_roll() {
    let mut works = printer(10);
    let job = [b"\x1Da\x0F\x1Dv0\0\x01\0\x10\0".as_slice(), &[0xFF; 16], b"\x1DV\0\x1D(H\x06\0\x30\x30abcd"].concat();
    assert_eq!(works.receive(&job), [0x18, 0, 0x0F, 0]);
    assert_eq!(works.finished.len(), 0);
    works.paper_left_dots = ROLL_DOTS;
    let said = works.work();
    assert!(said.starts_with(b"\x37\x22abcd\0"));
    assert_eq!(works.finished.len(), 1);
    assert_eq!(works.finished[0].height_dots, 16);
}

#[test]
fn an_open_cover_stops_the_head_and_answers_go_on() {
    let mut works = printer(ROLL_DOTS);
    works.hands.cover_open = true;
    assert_eq!(works.receive(b"\x1DV\0\x10\x04\x01\x10\x04\x02"), [0x1A, 0x16]);
    assert_eq!(works.receive(b"\x1Da\x0F"), [0_u8; 0]);
    works.hands.cover_open = false;
    assert_eq!(works.work(), [0x10, 0, 0, 0]);
}

#[test]
fn a_jam_keeps_the_slip_until_someone_clears_it() {
    let mut works = printer(ROLL_DOTS);
    works.hands.cutter_jammed = true;
    works.receive(b"A\n\x1DV\0");
    assert!(works.finished.is_empty() && works.is_offline());
    works.receive(b"\x10\x05\x02");
    assert!(works.is_offline());
    works.hands.cutter_jammed = false;
    works.receive(b"\x10\x05\x02\x1DV\0");
    assert_eq!(works.finished.len(), 1);
}

#[test]
fn its_own_letters_and_codes_are_on_the_paper() {
    let mut works = printer(ROLL_DOTS);
    works.receive(b"A105\n\x1D(k\x03\0\x31\x43\x06\x1D(k\x08\0\x31\x50\x30HELLO\x1D(k\x03\0\x31\x51\x30\x1DV\0");
    assert_eq!(works.finished[0].qr_texts, ["HELLO"]);
    assert!(!works.finished[0].blank);
}

/// Some ink, and blanks of every length between.
fn canvases() -> impl Strategy<Value = Canvas> {
    prop::collection::vec((0..500_usize, 0..300_usize, 1..76_usize, 1..90_usize), 0..5).prop_map(|rectangles| {
        let mut canvas = Canvas::new(576);
        for (x, y, width, height) in rectangles {
            canvas.ink_rectangle(x, y, width, height);
        }
        canvas
    })
}

proptest! {
    #[test]
    fn what_a_driver_encodes_comes_out_dot_for_dot(canvas in canvases()) {
        let profile = Profile::named("generic-80mm").unwrap();
        let job = protocol::job(&[Piece::Dots(canvas.clone())], &profile, *b"abcd");
        let mut works = printer(ROLL_DOTS);
        prop_assert_eq!(works.receive(&job), b"\x37\x22abcd\0");
        let mut expected = canvas;
        expected.grow(expected.height_dots() + usize::from(profile.head_to_cutter_dots));
        prop_assert_eq!(&works.finished[0].png, &png_of(&expected).unwrap());
        prop_assert_eq!(&works.finished[0].raw, &job[..job.len() - 11]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_are_survived(chunks: Vec<Vec<u8>>) {
        let mut works = printer(500);
        for chunk in chunks {
            works.receive(&chunk);
        }
        works.receive(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08");
        works.paper_left_dots = ROLL_DOTS;
        works.work();
        prop_assert_eq!(works.receive(b"\x10\x04\x01"), [0x12]);
    }
}
