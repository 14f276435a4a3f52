//! The arithmetic, apart from giflab, so that it can be tested alone.

/// Writes RGBA pixels with their colours inverted; alpha stays.
pub fn invert(from: &[u8], to: &mut [u8]) {
    for (pixel, inverted) in from.chunks_exact(4).zip(to.chunks_exact_mut(4)) {
        inverted.copy_from_slice(&[!pixel[0], !pixel[1], !pixel[2], pixel[3]]);
    }
}

#[cfg(test)]
mod tests {
    use super::invert;

    #[test]
    fn colours_turn_and_alpha_stays() {
        let mut inverted = [0; 8];
        invert(&[0, 100, 255, 255, 1, 2, 3, 0], &mut inverted);
        assert_eq!(inverted, [255, 155, 0, 255, 254, 253, 252, 0]);
    }

    #[test]
    fn twice_is_as_before() {
        let pixels = [9, 8, 7, 6, 5, 4, 3, 2];
        let (mut once, mut twice) = ([0; 8], [0; 8]);
        invert(&pixels, &mut once);
        invert(&once, &mut twice);
        assert_eq!(twice, pixels);
    }
}
