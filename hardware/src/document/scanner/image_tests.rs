use super::*;
use proptest::prelude::*;

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(::png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![128; (width * height) as usize]).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A JPEG by its markers: a small whole picture in APP1, two scans, and something after the end.
fn jpeg() -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 8, 0xFF, 0xD8, 0xFF, 0xD9, 1, 2];
    bytes.extend([0xFF, 0xC2, 0, 11, 8, 0x01, 0x02, 0x03, 0x04, 1, 0, 0x11, 0]);
    for _ in 0..2 {
        bytes.extend([0xFF, 0xDA, 0, 4, 0, 0, 1, 2, 0xFF, 0x00, 3, 0xFF, 0xD0, 4]);
    }
    bytes.extend([0xFF, 0xD9]);
    bytes
}

fn tiff() -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0\x04\0".to_vec();
    for (tag, value) in [(256_u16, 3_u32), (257, 2), (273, 62), (279, 6)] {
        bytes.extend(tag.to_le_bytes());
        bytes.extend([4, 0, 1, 0, 0, 0]);
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend([9; 6]);
    bytes
}

#[test]
fn each_kind_is_known_by_its_bytes() {
    assert_eq!(inspect(&png(5, 4)), Some(Inspection { format: Format::Png, size: Some((5, 4)), whole: true }));
    let found = Inspection { format: Format::Jpeg, size: Some((0x304, 0x102)), whole: true };
    assert_eq!(inspect(&jpeg()), Some(found));
    assert_eq!(inspect(&[jpeg(), b"trailer".to_vec()].concat()), Some(found));
    assert_eq!(inspect(&tiff()), Some(Inspection { format: Format::Tiff, size: Some((3, 2)), whole: true }));
    let pdf = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n";
    assert_eq!(inspect(pdf), Some(Inspection { format: Format::Pdf, size: None, whole: true }));
    assert_eq!(inspect(b"PK\x03\x04 a document of letters"), None);
    assert_eq!(inspect(b""), None);
}

#[test]
fn no_part_of_a_picture_is_whole() {
    for bytes in [png(40, 30), jpeg(), tiff(), b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF".to_vec()] {
        assert!(inspect(&bytes).unwrap().whole);
        for end in 0..bytes.len() {
            assert!(inspect(&bytes[..end]).is_none_or(|found| !found.whole), "{end} of {}", bytes.len());
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(kind in 0..5_usize, bytes: Vec<u8>) {
        let magic: [&[u8]; 5] = [b"", b"\xFF\xD8\xFF", PNG, b"II*\0", b"MM\0*"];
        let found = inspect(&[magic[kind], &bytes].concat());
        prop_assert!(kind == 0 || found.is_some());
    }

    #[test]
    fn damaged_pictures_are_survived(at: prop::sample::Index, byte: u8) {
        for mut bytes in [png(9, 9), jpeg(), tiff()] {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let before = Format::of(&bytes);
            prop_assert_eq!(inspect(&bytes).map(|found| found.format), before);
        }
    }
}
