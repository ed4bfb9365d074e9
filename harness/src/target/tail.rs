//! The last of what a launched target printed, for the report.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::task::JoinHandle;

/// Bytes kept of standard output and standard error together.
pub const TAIL_BYTES: usize = 16 * 1024;

/// A bounded, shared buffer of the last output of a process.
#[derive(Clone, Debug, Default)]
pub struct Tail(Arc<Mutex<VecDeque<u8>>>);

impl Tail {
    /// Reads `source` to its end in the background; the handle is done then.
    pub fn follow(&self, mut source: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<()> {
        let tail = self.clone();
        tokio::spawn(async move {
            let mut buffer = vec![0; 8 * 1024];
            while let Ok(count @ 1..) = source.read(&mut buffer).await {
                tail.push(&buffer[..count]);
            }
        })
    }

    fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(bytes);
        let excess = kept.len().saturating_sub(TAIL_BYTES);
        kept.drain(..excess);
    }

    /// What is kept, as text.
    #[must_use]
    pub fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = kept.iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The last `count` lines that are not empty, joined by ` | `: for messages of one line.
    #[must_use]
    pub fn last_lines(&self, count: usize) -> String {
        let text = self.text();
        let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        lines[lines.len().saturating_sub(count)..].join(" | ")
    }

    /// The first lines of a sanitizer's report, if there is one.
    #[must_use]
    pub fn sanitizer_report(&self) -> Option<String> {
        let text = self.text();
        let lines: Vec<_> = text.lines().collect();
        let start = lines.iter().position(|line| {
            ["ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", "WARNING: MemorySanitizer"]
                .iter()
                .any(|mark| line.contains(mark))
                || line.contains(": runtime error: ")
        })?;
        Some(lines[start..].iter().take(6).copied().collect::<Vec<_>>().join(" | "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_bytes_are_kept() {
        let tail = Tail::default();
        for i in 0..10_000 {
            tail.push(format!("line {i}\n").as_bytes());
        }
        assert!(tail.text().len() <= TAIL_BYTES);
        assert_eq!(tail.last_lines(2), "line 9998 | line 9999");
        assert_eq!(tail.sanitizer_report(), None);
    }

    #[test]
    fn a_sanitizer_report_is_found() {
        let tail = Tail::default();
        tail.push(b"hello\n==1==ERROR: AddressSanitizer: heap-use-after-free on 0x1\nREAD of size 4\n");
        assert_eq!(
            tail.sanitizer_report().unwrap(),
            "==1==ERROR: AddressSanitizer: heap-use-after-free on 0x1 | READ of size 4"
        );
    }
}
