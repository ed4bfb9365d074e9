/// Which mutant is active: inserted into the instrumented crate, and no part of mqttspec.
mod mutant {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering};

    static ACTIVE: OnceLock<u32> = OnceLock::new();
    static REACHED: OnceLock<Option<String>> = OnceLock::new();
    static SEEN: [AtomicBool; SITES] = [const { AtomicBool::new(false) }; SITES];

    /// The mutant that `MUTANT` names, or 0.
    #[inline]
    pub(crate) fn active() -> u32 {
        *ACTIVE.get_or_init(|| std::env::var("MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// The same, at a place: it is noted in the file that `MUTANT_REACHED` names.
    #[inline]
    pub(crate) fn at(site: usize) -> u32 {
        let file = REACHED.get_or_init(|| std::env::var("MUTANT_REACHED").ok());
        if let Some(file) = file
            && !SEEN[site].swap(true, Ordering::Relaxed)
        {
            use std::io::Write;
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
            file.write_all(format!("{site}\n").as_bytes()).unwrap();
        }
        active()
    }

    /// Whether a mutant is the active one.
    #[inline]
    pub(crate) fn is(site: usize, mutant: u32) -> bool {
        at(site) == mutant
    }

    /// One of two iterators over the same.
    pub(crate) enum Either<A, B> {
        Mutated(A),
        Original(B),
    }

    impl<T, A: Iterator<Item = T>, B: Iterator<Item = T>> Iterator for Either<A, B> {
        type Item = T;

        fn next(&mut self) -> Option<T> {
            match self {
                Self::Mutated(iterator) => iterator.next(),
                Self::Original(iterator) => iterator.next(),
            }
        }
    }
}
