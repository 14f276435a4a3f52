//! The arithmetic, apart from giflab, so that it can be tested alone.

/// The sum of |a[x] - b[x]|.
pub fn absolute_difference(a: &[u8], b: &[u8]) -> u64 {
    a.iter().zip(b).map(|(&p, &q)| u64::from(p.abs_diff(q))).sum()
}

#[cfg(test)]
mod tests {
    use super::absolute_difference;

    #[test]
    fn both_directions_count() {
        let (a, b) = ([0, 10, 255, 7], [255, 12, 0, 7]);
        assert_eq!(absolute_difference(&a, &b), 255 + 2 + 255);
        assert_eq!(absolute_difference(&b, &a), absolute_difference(&a, &b));
    }

    #[test]
    fn equal_and_empty_rows() {
        assert_eq!(absolute_difference(&[3, 200], &[3, 200]), 0);
        assert_eq!(absolute_difference(&[], &[]), 0);
    }
}
