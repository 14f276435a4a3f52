//! What the encoder does with the bytes: for now, nothing.

use std::io::{Read, Write};

/// Why copying ended early: `stop` said so, or a file failed.
#[derive(Debug)]
pub enum Ended<E> {
    Stopped(E),
    Failed(std::io::Error),
}

/// Copies all that is left of one file to another; asks `stop` before each piece.
pub fn copy_bytes<E>(
    from: &mut impl Read,
    to: &mut impl Write,
    stop: impl Fn() -> Result<(), E>,
) -> Result<(), Ended<E>> {
    let mut buffer = [0; 1 << 16];
    loop {
        stop().map_err(Ended::Stopped)?;
        let count = from.read(&mut buffer).map_err(Ended::Failed)?;
        if count == 0 {
            return to.flush().map_err(Ended::Failed);
        }
        to.write_all(&buffer[..count]).map_err(Ended::Failed)?;
    }
}

#[cfg(test)]
mod tests {
    use super::{copy_bytes, Ended};

    #[test]
    fn it_copies_every_byte() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|i| (i * 31 >> 3) as u8).collect(); // more than one buffer
        let mut copied = Vec::new();
        copy_bytes(&mut bytes.as_slice(), &mut copied, || Ok::<(), ()>(())).unwrap();
        assert_eq!(copied, bytes);
    }

    #[test]
    fn it_stops_on_request() {
        let mut copied = Vec::new();
        let ended = copy_bytes(&mut [1_u8, 2].as_slice(), &mut copied, || Err("enough"));
        assert!(matches!(ended, Err(Ended::Stopped("enough"))));
        assert!(copied.is_empty());
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let mut room = [0_u8; 1];
        let ended = copy_bytes(&mut [1_u8, 2].as_slice(), &mut room.as_mut_slice(), || Ok::<(), ()>(()));
        assert!(matches!(ended, Err(Ended::Failed(_))));
    }
}
