use super::*;
use proptest::prelude::*;

const FACE: &[u8] = include_bytes!("../../../../fixtures/chips/face.jp2");
const JPEG: &[u8] = include_bytes!("../../../../fixtures/chips/face.jpg");

/// The drawing from which the picture was packed.
fn drawing() -> (u32, u32, Vec<u8>) {
    let file = include_bytes!("../../../../fixtures/chips/face.png");
    let mut decoder = png::Decoder::new(std::io::Cursor::new(&file[..]));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    (info.width, info.height, pixels)
}

#[test]
fn a_jpeg_2000_has_the_colours_of_the_drawing() {
    let (width, height, drawn) = drawing();
    let face = decode(FACE).unwrap();
    assert_eq!((face.width, face.height, face.rgb.len()), (width, height, drawn.len()));
    let differences = || drawn.iter().zip(&face.rgb).map(|(drawn, decoded)| u64::from(drawn.abs_diff(*decoded)));
    let mean = differences().sum::<u64>() as f64 / drawn.len() as f64;
    assert!(mean < 3.0, "{mean}");
    // Red and blue swapped would pass a mean over grey; the coat is blue.
    let coat = ((300 * width + 120) * 3) as usize;
    assert!(face.rgb[coat + 2] > face.rgb[coat] + 60, "{:?}", &face.rgb[coat..coat + 3]);
}

#[test]
fn a_bare_stream_is_decoded_too() {
    let stream = codestream(FACE).unwrap();
    assert!(stream.len() < FACE.len());
    assert_eq!(decode(stream), decode(FACE));
}

#[test]
fn a_picture_tells_its_size() {
    assert_eq!(size(FACE), Some((240, 320)));
    assert_eq!(size(codestream(FACE).unwrap()), Some((240, 320)));
    assert_eq!(size(JPEG), Some((240, 320)));
    assert_eq!(size(b"\xFF\xD8\xFF\xFF\xFF\xC4\x00\x02\xFF\xD9\x00\x00"), None);
    assert_eq!(size(b"GIF89a"), None);
}

#[test]
fn what_is_no_face_is_not_decoded() {
    let at = FACE.windows(4).position(|bytes| bytes == CODESTREAM).unwrap() + 4;
    let changed = |offset: usize, bytes: &[u8]| {
        let mut face = FACE.to_vec();
        face[at + offset..at + offset + bytes.len()].copy_from_slice(bytes);
        decode(&face)
    };
    assert_eq!(changed(4, &[0x7F, 0xFF, 0xFF, 0xFF]), Err(UNSUPPORTED), "too wide");
    assert_eq!(changed(20, &[0, 0, 0, 1]), Err(UNSUPPORTED), "too many tiles");
    assert_eq!(changed(36, &[0, 2]), Err(UNSUPPORTED), "two components");
    assert_eq!(changed(38, &[15]), Err(UNSUPPORTED), "sixteen bits");
    assert_eq!(changed(39, &[2]), Err(UNSUPPORTED), "subsampled");
    assert_eq!(changed(4, &[0, 0, 0, 0]), Err(MALFORMED), "no width");
    assert_eq!(decode(JPEG), Err(MALFORMED));
}

#[test]
fn a_cut_at_every_byte_of_the_head_is_survived() {
    for end in (0..FACE.len()).step_by(37).chain(0..200) {
        let _ = decode(&FACE[..end]);
        let _ = size(&JPEG[..end.min(JPEG.len())]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn damaged_pictures_are_survived(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), in_head in any::<bool>()) {
        let mut face = FACE.to_vec();
        let end = if in_head { 400 } else { face.len() };
        for (at, byte) in damage {
            let at = at.index(end);
            face[at] = byte;
        }
        let _ = decode(&face);
        let _ = size(&face);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
        let _ = decode(&[CODESTREAM, &bytes].concat());
        let _ = size(&[b"\xFF\xD8".as_slice(), &bytes].concat());
    }
}
