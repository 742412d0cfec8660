//! The end of a file of records: what is appended there is complete, or removed.

use std::fs::File;
use std::io::{self, Write};

/// The target of a record.
pub(super) trait Storage: Write {
    fn sync(&mut self) -> io::Result<()>;
    fn cut(&mut self, length: u64) -> io::Result<()>;
    fn close_to_others(&mut self) -> io::Result<()>;
}

impl Storage for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn close_to_others(&mut self) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            if self.metadata()?.permissions().mode() & 0o077 != 0 {
                self.set_permissions(std::fs::Permissions::from_mode(0o600))?;
            }
        }
        Ok(())
    }
}

/// The position where records are appended.
#[derive(Debug)]
pub(super) struct Tail<F> {
    pub(super) file: F,
    /// Where the complete records end.
    pub(super) length: u64,
    /// Whether there may be something after them.
    pub(super) is_torn: bool,
    is_private: bool,
}

impl<F: Storage> Tail<F> {
    /// At the end of the complete records of this file. It is torn if there may be something after them.
    pub(super) fn new(file: F, length: u64, is_torn: bool) -> Self {
        Self { file, length, is_torn, is_private: false }
    }

    pub(super) fn append(&mut self, record: &[u8]) -> io::Result<()> {
        if !self.is_private {
            self.file.close_to_others()?;
            self.is_private = true;
        }
        self.cut()?;
        if let Err(error) = self.file.write_all(record).and_then(|()| self.file.sync()) {
            self.is_torn = true;
            // Reports the first failure; the next record tries this again.
            let _ = self.cut();
            return Err(error);
        }
        self.length += record.len() as u64;
        Ok(())
    }

    fn cut(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.file.cut(self.length)?;
            self.is_torn = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with this much space left, which may fail to sync and to truncate.
    #[derive(Debug, Default)]
    struct Disk {
        bytes: Vec<u8>,
        room: usize,
        sync_fails: bool,
        cut_fails: bool,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let room = self.room.min(bytes.len());
            if room == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= room;
            self.bytes.extend_from_slice(&bytes[..room]);
            Ok(room)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Storage for Disk {
        fn sync(&mut self) -> io::Result<()> {
            if self.sync_fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            if self.cut_fails {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            self.bytes.truncate(usize::try_from(length).expect("small"));
            Ok(())
        }

        fn close_to_others(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_disk_that_is_full_for_a_moment_tears_no_record_at_any_byte() {
        for room in 0..8 {
            for (sync_fails, cut_fails) in [(false, false), (true, false), (false, true), (true, true)] {
                let file = Disk { room: 1024, ..Disk::default() };
                let mut tail = Tail::new(file, 0, false);
                tail.append(b"first\n").expect("room");
                (tail.file.room, tail.file.sync_fails, tail.file.cut_fails) = (room, sync_fails, cut_fails);
                let second = tail.append(b"second\n");
                assert_eq!(second.is_ok(), room == 7 && !sync_fails);
                (tail.file.room, tail.file.sync_fails) = (1024, false);
                if second.is_err() && cut_fails {
                    let torn = tail.file.bytes.clone();
                    tail.append(b"third\n").expect_err("nothing goes behind a torn record");
                    assert_eq!(tail.file.bytes, torn);
                }
                tail.file.cut_fails = false;
                tail.append(b"third\n").expect("room again");
                let wanted: &[u8] =
                    if second.is_ok() { b"first\nsecond\nthird\n" } else { b"first\nthird\n" };
                assert_eq!(tail.file.bytes, wanted, "{room} {sync_fails} {cut_fails}");
            }
        }
    }
}
