//! Pictures: rasters, the graphics buffer, and the logos that the printer keeps.

use std::collections::BTreeMap;

use super::Mechanism;
use super::bitmap::Bitmap;
use crate::emulator::escpos::{Graphics, ImageKey, Large};

/// A printer's memory holds no more pictures than this.
const MOST_PICTURES: usize = 256;

/// Pictures in memory.
#[derive(Default)]
pub(super) struct Pictures {
    /// For good.
    pub(super) kept: BTreeMap<ImageKey, Bitmap>,
    /// Until `ESC @`.
    pub(super) downloaded: BTreeMap<ImageKey, Bitmap>,
    /// Waiting for `GS ( L` 50.
    pub(super) buffer: Option<Bitmap>,
}

impl Mechanism {
    pub(super) fn raster(&mut self, mode: u8, width_bytes: usize, dots: &[u8]) {
        self.flush_line();
        let height = dots.len().checked_div(width_bytes).unwrap_or(0);
        let picture = Bitmap::from_rows(width_bytes * 8, height, dots).cropped(self.paper_width());
        self.put_aligned(&picture.enlarged(Large::of_raster(mode)));
    }

    pub(super) fn graphics(&mut self, graphics: Graphics) {
        let width = self.paper_width();
        match graphics {
            Graphics::Load(image, large) => {
                self.pictures.buffer = Some(Bitmap::of(&image).cropped(width).enlarged(large));
            }
            Graphics::Print => {
                if let Some(picture) = self.pictures.buffer.take() {
                    self.print_picture(&picture, Large::NO);
                }
            }
            Graphics::Keep(images, only_these) => {
                if only_these {
                    self.pictures.kept.retain(|key, _| key[0] != 0);
                }
                for (key, image) in images {
                    if self.pictures.kept.len() < MOST_PICTURES {
                        self.pictures.kept.insert(key, Bitmap::of(&image));
                    }
                }
            }
            Graphics::Download(key, image) => {
                if self.pictures.downloaded.len() < MOST_PICTURES {
                    self.pictures.downloaded.insert(key, Bitmap::of(&image));
                }
            }
            Graphics::PrintKept(key, large) => {
                if let Some(picture) = self.pictures.kept.get(&key).cloned() {
                    self.print_picture(&picture, large);
                }
            }
            Graphics::PrintDownloaded(key, large) => {
                if let Some(picture) = self.pictures.downloaded.get(&key).cloned() {
                    self.print_picture(&picture, large);
                }
            }
            Graphics::Forget(None) => self.pictures.kept.clear(),
            Graphics::Forget(Some(key)) => {
                self.pictures.kept.remove(&key);
            }
        }
    }

    fn print_picture(&mut self, picture: &Bitmap, large: Large) {
        self.flush_line();
        self.put_aligned(&picture.cropped(self.paper_width()).enlarged(large));
    }
}
